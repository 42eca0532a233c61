"""A timer that fires a thousand times a second for the rest of the process: every system call is interrupted."""

import signal

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
