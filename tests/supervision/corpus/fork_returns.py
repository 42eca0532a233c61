"""A child returns from os.fork() into pytest: it must not report."""

import os

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    if pid := os.fork():
        os.waitpid(pid, 0)
