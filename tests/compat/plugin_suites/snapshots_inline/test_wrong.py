from inline_snapshot import snapshot


def test_wrong():
    assert 3 == snapshot(4)


def test_bad():
    assert not "ever"
