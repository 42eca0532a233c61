"""Writes 50 MB past pytest's capture, without a line break."""

import os

GUILTY = {"expect": {"test_guilty": "passed"}, "limit": 30}


def test_guilty(capfd):
    with capfd.disabled():
        chunk = b"z" * 65536
        for _ in range(50 * 16):
            left = chunk
            while left:
                left = left[os.write(1, left) :]
