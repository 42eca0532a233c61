"""Kills trun's engine, with a daemon on its way and the death signal taken off."""

import ctypes
import os
import signal
import time

GUILTY = {
    "alone": True,
    "code": 3,
    "complete": False,
    "reports": False,
    "said": ["the engine was killed (signal 9, SIGKILL); its processes have been ended"],
}


def test_guilty():
    engine = os.getppid()
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            time.sleep(100)
        os._exit(0)
    os.kill(engine, signal.SIGKILL)
    time.sleep(100)
