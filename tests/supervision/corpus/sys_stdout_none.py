"""Leaves no sys.stdout and no sys.stderr."""

import sys

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    sys.stdout = sys.stderr = sys.__stdout__ = sys.__stderr__ = None
