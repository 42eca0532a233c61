import service


def test_pool():
    assert service.pool().submit(pow, 2, 5).result(10) == 32


def test_pool_again():
    assert service.pool().submit(pow, 2, 6).result(10) == 64


def test_manager():
    assert service.manager().dict(a=1)["a"] == 1


def test_helper():
    assert service.upper("abc") == "ABC"


def test_server():
    assert service.server().poll() is None
