def test_first():
    print("first")


def test_slow():
    raise AssertionError("never runs")


def test_known():
    assert 0


def test_unwanted():
    raise AssertionError("never runs")


def test_fails():
    assert 1 == 2


def test_last():
    pass
