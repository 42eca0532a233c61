"""exit(0) of the C library: its handlers run, Python's do not."""

import ctypes

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 0 in call"}}


def test_guilty():
    ctypes.CDLL(None).exit(0)
