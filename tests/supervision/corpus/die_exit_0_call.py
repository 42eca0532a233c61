"""Leaves with exit code 0: no pass."""

import os

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 0 in call"}}


def test_guilty():
    os._exit(0)
