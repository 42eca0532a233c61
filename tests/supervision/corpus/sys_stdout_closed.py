"""Closes Python's streams."""

import sys

GUILTY = {"expect": {"test_guilty": "passed|failed|error|premature_exit"}}


def test_guilty():
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        stream.close()
