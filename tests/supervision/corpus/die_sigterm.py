"""SIGTERM of itself."""

import os
import signal

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 15, SIGTERM\) in call"}}


def test_guilty():
    os.kill(os.getpid(), signal.SIGTERM)
