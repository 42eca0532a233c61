"""Closes the descriptors that a process usually has, pytest's capture included: pytest itself gives up."""

import os

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 1 in teardown"}}


def test_guilty():
    os.closerange(0, 256)
