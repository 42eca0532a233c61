"""Prints, forks and raises when the interpreter ends."""

import atexit
import os

GUILTY = {"expect": {"test_guilty": "passed"}}


def at_exit():
    print("words at the end " * 1000)
    if os.fork() == 0:
        os._exit(0)
    raise RuntimeError("at the end")


def test_guilty():
    atexit.register(at_exit)
