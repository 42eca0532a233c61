"""Closes its standard output and error."""

import os

GUILTY = {"expect": {"test_guilty": "passed|failed|error"}}


def test_guilty():
    os.close(1)
    os.close(2)
