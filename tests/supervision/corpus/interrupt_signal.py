"""SIGINT of itself."""

import os
import signal
import time

GUILTY = {"alone": True, "workers": 1, "code": 2, "complete": False, "expect": {"test_innocent_before": "passed"}}


def test_guilty():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(100)
