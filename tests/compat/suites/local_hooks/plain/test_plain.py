def test_no_hooks_here():
    pass


def test_nor_here():
    print("plain")
