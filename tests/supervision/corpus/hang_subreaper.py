"""Is a subreaper itself, so that its daemons stay below it, and hangs."""

import ctypes
import os
import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    PR_SET_CHILD_SUBREAPER = 36
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(100)
        os._exit(0)
    time.sleep(100)
