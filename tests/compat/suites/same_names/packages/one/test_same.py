def test_passes():
    print("in packages/one")


def test_fails():
    assert __name__ == ""
