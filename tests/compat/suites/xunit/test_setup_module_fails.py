def setup_module():
    raise OSError("module set-up failed")


def test_one():
    pass


def test_two():
    pass
