"""Stops itself: it writes no stacks and takes no SIGTERM."""

import os
import signal

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    os.kill(os.getpid(), signal.SIGSTOP)
