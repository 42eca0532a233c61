def test_passes():
    print("in packages/two")


def test_fails():
    assert __name__ == ""
