"""Leaves a child that is stopped, and a pipe that it holds."""

import os
import signal
import subprocess

GUILTY = {"expect": {"test_guilty": "passed"}, "leaks": {"test_guilty": ["processes"]}}


def test_guilty():
    child = subprocess.Popen(["sleep", "100"])
    os.kill(child.pid, signal.SIGSTOP)
    globals()["kept"] = child
