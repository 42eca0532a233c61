"""Closes Python's streams."""

import sys

GUILTY = {"alone": True, "code": 1, "complete": False}


def test_guilty():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        stream.close()
