def test_plain():
    assert bytearray(3 * 1024 * 1024)


def test_bad():
    assert not "ever"
