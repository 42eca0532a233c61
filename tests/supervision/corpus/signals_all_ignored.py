"""Ignores whatever can be ignored, and leaves it so."""

import signal

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass  # the C library's own
