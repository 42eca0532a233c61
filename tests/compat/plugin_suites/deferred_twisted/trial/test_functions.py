"""Functions beside it."""

import pytest
from twisted.python.failure import Failure


@pytest.mark.parametrize("n", range(4))
def test_plain(n):
    assert n < 3


def test_failure_keeps_its_error():
    try:
        raise KeyError("kept")
    except KeyError:
        assert Failure().check(KeyError) is KeyError
