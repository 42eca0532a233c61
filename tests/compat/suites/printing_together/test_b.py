from talk import talk


def test_one():
    talk("b one")


def test_two():
    talk("b two")
    assert 0


def test_quiet():
    pass
