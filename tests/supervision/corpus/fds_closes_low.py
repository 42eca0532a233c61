"""Closes the descriptors that a process usually has, pytest's capture included: pytest itself gives up, here they are put back."""

import os

GUILTY = {"expect": {"test_guilty": "failed"}}


def test_guilty():
    os.closerange(0, 256)
