from talk import talk


def test_one():
    talk("c one")


def test_two():
    talk("c two")
    assert 0


def test_quiet():
    pass
