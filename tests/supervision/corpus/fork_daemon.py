"""A daemon after the book: forks twice, in a session of its own, in another directory, with nothing open."""

import os
import signal
import time

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT):
                signal.signal(number, signal.SIG_IGN)
            os.chdir("/")
            os.closerange(0, 4096)
            time.sleep(100)
        os._exit(0)
    os.wait()
