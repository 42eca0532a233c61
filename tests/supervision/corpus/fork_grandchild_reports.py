"""A grandchild returns into pytest after its parents have gone."""

import os
import time

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    if child := os.fork():
        os.waitpid(child, 0)
        time.sleep(0.2)
    elif os.fork():
        os._exit(0)
