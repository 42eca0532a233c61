"""Sleeps in C with the GIL held: no other thread of Python's runs, and no signal handler."""

import ctypes

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    ctypes.PyDLL(None).sleep(100)
