"""Functions beside it."""

import pickle

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


def test_failure_is_pickled():
    try:
        raise KeyError("kept")
    except KeyError:
        assert pickle.loads(pickle.dumps(Failure())).check(KeyError)
