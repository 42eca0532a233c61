"""Puts other files in the place of its standard output, in Python and in the kernel, and leaves them there."""

import os
import sys

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    null = os.open("/dev/null", os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    sys.stdout = open(os.devnull, "w")
