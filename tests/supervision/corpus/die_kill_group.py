"""SIGKILL of its process group."""

import os
import signal

GUILTY = {
    "expect": {"test_guilty": r"crashed: crashed \(signal 9, SIGKILL\) in call"},
    "not_in": ["n0"],  # that group is trun's own
}


def test_guilty():
    os.killpg(0, signal.SIGKILL)
