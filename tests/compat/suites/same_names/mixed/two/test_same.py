def test_passes():
    print("in mixed/two")


def test_fails():
    assert __name__ == ""
