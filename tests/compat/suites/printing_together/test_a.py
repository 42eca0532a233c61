from talk import talk


def test_one():
    talk("a one")


def test_two():
    talk("a two")
    assert 0


def test_quiet():
    pass
