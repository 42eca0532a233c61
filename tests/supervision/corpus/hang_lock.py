"""Waits for a lock that it holds itself."""

import threading

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    lock = threading.Lock()
    with lock, lock:
        pass
