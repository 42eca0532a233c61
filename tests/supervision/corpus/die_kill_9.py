"""SIGKILL of itself."""

import os
import signal

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 9, SIGKILL\) in call"}}


def test_guilty():
    os.kill(os.getpid(), signal.SIGKILL)
