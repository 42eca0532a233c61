"""Waits for a thread that waits."""

import threading

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    thread = threading.Thread(target=threading.Event().wait)
    thread.start()
    thread.join()
