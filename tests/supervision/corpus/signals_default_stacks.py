"""Gives trun's signal for stacks its default action back, and hangs: what asks for the stacks ends the process."""

import signal
import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    for number in range(signal.SIGRTMIN + 1, signal.SIGRTMAX):
        signal.signal(number, signal.SIG_DFL)
    time.sleep(100)
