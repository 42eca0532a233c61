"""Empties the environment."""

import os

GUILTY = {"expect": {"test_guilty": "passed|failed|error"}}


def test_guilty():
    os.environ.clear()
