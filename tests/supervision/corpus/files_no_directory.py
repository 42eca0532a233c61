"""Deletes the directory that it works in."""

import os
import tempfile

GUILTY = {"expect": {"test_guilty": "passed|failed|error"}}


def test_guilty():
    folder = tempfile.mkdtemp()
    os.chdir(folder)
    os.rmdir(folder)
