"""Becomes another program, which ends well."""

import os

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 0 in call"}}


def test_guilty():
    os.execvp("true", ["true"])
