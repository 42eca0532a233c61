"""A daemon keeps the worker's output open and writes into it for ever."""

import os
import time

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty(capfd):
    with capfd.disabled():
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while True:
                    os.write(1, b"still here\n")
                    time.sleep(0.05)
            os._exit(0)
        os.wait()
