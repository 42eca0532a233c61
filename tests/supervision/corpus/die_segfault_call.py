"""Reads from address 0."""

import ctypes

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 11, SIGSEGV\) in call"}}


def test_guilty():
    ctypes.string_at(0)
