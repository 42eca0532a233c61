from talk import talk


def test_one():
    talk("d one")


def test_two():
    talk("d two")
    assert 0


def test_quiet():
    pass
