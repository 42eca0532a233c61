import time

import pytest
from inline_snapshot import snapshot


def test_new():
    assert [1, 2] == snapshot()


def test_new_too():
    assert {"a": 1} == snapshot()


def test_good():
    assert 2 == snapshot(2)


SHARED = snapshot([0, 1, 2, 3, 4, 5, 6, 7, 99])


@pytest.mark.parametrize("n", range(8))
def test_shared(n):
    time.sleep(0.03)
    assert n in SHARED
