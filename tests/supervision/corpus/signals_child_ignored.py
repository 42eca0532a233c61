"""Ignores SIGCHLD: the kernel throws away the statuses of its children."""

import signal
import subprocess
import sys

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    subprocess.run([sys.executable, "-c", "pass"], check=False)
