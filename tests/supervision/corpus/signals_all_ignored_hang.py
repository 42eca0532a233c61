"""The same, and hangs: the handler that writes stacks is gone."""

import signal
import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass
    time.sleep(100)
