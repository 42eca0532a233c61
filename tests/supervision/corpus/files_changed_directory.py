"""Goes elsewhere and stays there."""

import os

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    os.chdir("/")
