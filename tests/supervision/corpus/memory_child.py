"""A child holds more memory than a test may."""

import subprocess
import sys

GUILTY = {
    "expect": {"test_guilty": r"out_of_memory: .*\d+ MB held, 250 MB allowed \(--test-memory\)"},
    "options": ["--test-memory", "250MB"],
    "limit": 30,
}


def test_guilty():
    subprocess.run([sys.executable, "-c", "hold = bytearray(400 << 20); import time; time.sleep(100)"])
