import library

library.older()


def test_never():
    pass
