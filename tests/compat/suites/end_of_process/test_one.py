import notes


def test_first():
    notes.note("one first")


def test_second():
    notes.note("one second")
