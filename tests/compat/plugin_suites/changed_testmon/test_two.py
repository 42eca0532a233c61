from two import two


def test_two():
    assert two() == 2


def test_bad():
    assert not "ever"
