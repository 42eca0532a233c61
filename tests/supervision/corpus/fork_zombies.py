"""Two hundred children that nobody waits for."""

import os

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    for _ in range(200):
        if os.fork() == 0:
            os._exit(0)
