"""A child kills its parent, the worker."""

import os
import signal
import time

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 9, SIGKILL\) in call"}}


def test_guilty():
    if os.fork() == 0:
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(0)
    time.sleep(30)
