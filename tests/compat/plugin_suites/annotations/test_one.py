import pytest


@pytest.mark.parametrize("n", range(5))
def test_number(n):
    assert n != 3


@pytest.mark.skip(reason="not now")
def test_skipped():
    pass


@pytest.fixture
def broken():
    raise RuntimeError("not today")


def test_error(broken):
    pass
