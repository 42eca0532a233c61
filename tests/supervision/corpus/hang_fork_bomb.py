"""Hangs with a bounded bomb of children that replace each other when one dies, each in a session of its own."""

import os
import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


def live(depth):
    os.setsid()
    for _ in range(60):
        if depth and os.fork() == 0:
            live(depth - 1)
        try:
            os.wait()
        except OSError:
            time.sleep(100)
    os._exit(0)


@pytest.mark.timeout(1)
def test_guilty():
    for _ in range(8):
        if os.fork() == 0:
            live(5)
    time.sleep(100)
