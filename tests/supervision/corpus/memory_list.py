"""Holds more memory than a test may."""

import time

GUILTY = {
    "expect": {"test_guilty": r"out_of_memory: .*\d+ MB held, 250 MB allowed \(--test-memory\)"},
    "options": ["--test-memory", "250MB"],
    "limit": 30,
}


def test_guilty():
    hold = bytearray(400 << 20)
    time.sleep(100)
    del hold
