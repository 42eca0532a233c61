"""Becomes another program, which hangs."""

import os

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    os.execvp("sleep", ["sleep", "100"])
