"""Kills the process that the user started: the engine writes its reports and ends."""

import os
import signal
import time

import pytest

GUILTY = {"alone": True, "code": -9, "complete": False, "reports": False}


@pytest.mark.timeout(2)
def test_guilty():
    with open(f"/proc/{os.getppid()}/stat") as stat:
        guardian = int(stat.read().rpartition(")")[2].split()[1])
    os.kill(guardian, signal.SIGKILL)
    time.sleep(100)
