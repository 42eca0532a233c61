def test_passes():
    print("in mixed/one")


def test_fails():
    assert __name__ == ""
