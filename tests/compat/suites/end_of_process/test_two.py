import notes


def test_first():
    notes.note("two first")


def test_second():
    notes.note("two second")
