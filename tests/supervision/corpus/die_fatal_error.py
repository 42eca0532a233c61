"""The interpreter gives up."""

import ctypes

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 6, SIGABRT\) in call"}}


def test_guilty():
    ctypes.pythonapi.Py_FatalError(b"the guilty test says so")
