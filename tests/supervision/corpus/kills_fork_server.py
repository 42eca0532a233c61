"""Kills the fork server: what runs goes on."""

import os
import signal

GUILTY = {"alone": True, "code": 0, "expect": {"test_guilty": "passed"}}


def test_guilty():
    engine = os.getppid()
    with open(f"/proc/{engine}/task/{engine}/children") as children:
        os.kill(min(map(int, children.read().split())), signal.SIGKILL)
