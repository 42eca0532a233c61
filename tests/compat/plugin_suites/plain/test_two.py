import time

import pytest


@pytest.mark.parametrize("n", range(8))
def test_number(n):
    time.sleep(0.02)
    assert n != 3


@pytest.mark.skip(reason="not now")
def test_skipped():
    pass


@pytest.mark.xfail(reason="known")
def test_expected():
    assert not "ever"


@pytest.fixture
def broken():
    raise RuntimeError("not today")


def test_error(broken):
    pass
