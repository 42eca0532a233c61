"""Waits for a child that does not end: that must be gone too."""

import subprocess

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    subprocess.run(["sh", "-c", "trap '' TERM HUP INT; sleep 100 & wait; sleep 100"])
