"""The child goes on in pytest while its parent, the worker, leaves."""

import os

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 0 in call"}}


def test_guilty():
    if os.fork():
        os._exit(0)
