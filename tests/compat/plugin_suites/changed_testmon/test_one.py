from one import one


def test_one():
    assert one() == 1


def test_nothing():
    pass
