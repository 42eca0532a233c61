"""Deletes its own source, and fails: the report shows what it can."""

import os

GUILTY = {"expect": {"test_guilty": "failed"}}


def test_guilty():
    os.unlink(__file__)
    raise AssertionError("whose source is gone")
