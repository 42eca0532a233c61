"""Takes SIGTERM for the end of its wait and returns as if all were well: who was stopped has not passed."""

import signal
import threading

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    while not told.wait(0.01):
        pass
