"""Ignores SIGTERM, and starts to sleep anew whatever wakes it."""

import signal
import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        try:
            time.sleep(100)
        except BaseException:
            pass
