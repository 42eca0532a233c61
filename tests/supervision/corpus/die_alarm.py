"""An alarm that nobody handles."""

import signal
import time

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 14, SIGALRM\) in call"}}


def test_guilty():
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    time.sleep(30)
