"""abort()."""

import os

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 6, SIGABRT\) in call"}}


def test_guilty():
    os.abort()
