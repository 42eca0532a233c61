import pytest


def test_odd():
    assert 1 + 1 == 2


def test_fails():
    assert 1 + 1 == 3


@pytest.fixture
def broken():
    raise LookupError("x")


def test_error(broken):
    pass


def test_passes():
    assert [1]
