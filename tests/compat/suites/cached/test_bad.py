def test_fails():
    assert 1 == 2


def test_mended():
    pass


def test_never_failed():
    pass
