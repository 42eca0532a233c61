"""Kills the fork server, and then its own process: nobody can make a new one, and the other worker
runs what is left."""

import os
import signal

GUILTY = {
    "alone": True,
    "workers": 2,
    "expect": {"test_guilty": r"crashed: crashed \(signal 9, SIGKILL\) in call"},
}


def test_guilty():
    engine = os.getppid()
    with open(f"/proc/{engine}/task/{engine}/children") as children:
        os.kill(min(map(int, children.read().split())), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
