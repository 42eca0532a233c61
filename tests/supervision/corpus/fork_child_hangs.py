"""A child that nobody waits for."""

import os
import time

GUILTY = {"expect": {"test_guilty": "passed"}, "leaks": {"test_guilty": ["processes"]}}


def test_guilty():
    if os.fork() == 0:
        time.sleep(100)
        os._exit(0)
