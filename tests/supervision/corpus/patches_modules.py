"""Empties sys.modules of what is not running, and sys.path."""

import sys

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    for name in ("json", "socket", "tempfile", "traceback", "linecache"):
        sys.modules.pop(name, None)
    sys.path.clear()
