"""Makes trun its tracer and stops: every status of it that trun sees is that of a stopped process."""

import ctypes
import os
import signal

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    PTRACE_TRACEME = 0
    ctypes.CDLL(None).ptrace(PTRACE_TRACEME, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGUSR2)
