import pytest


def test_good():
    pass


def test_bad():
    found = {"a": 1}
    assert found == {"a": 2}


@pytest.fixture
def broken():
    raise RuntimeError("not today")


def test_error(broken):
    pass
