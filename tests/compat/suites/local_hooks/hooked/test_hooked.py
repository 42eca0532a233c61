import pytest


@pytest.fixture
def watched():
    yield 1


def test_plain():
    pass


def test_forbidden():
    pass


def test_rewritten():
    pass


def test_replaced():
    raise AssertionError("never called")


def test_watched(watched):
    assert watched == 2
