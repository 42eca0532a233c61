"""Closes every descriptor of its process, trun's too: nothing that it says can be heard any more."""

import os

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 1 in call"}}


def test_guilty():
    os.closerange(3, 5000)
