"""Empties sys.modules of what is not running, and sys.path. Alone: whoever comes behind it in its process, as what the dead leave
may, cannot import any more, under pytest and xdist as well."""

import sys

GUILTY = {"alone": True, "code": 0, "expect": {"test_guilty": "passed"}}


def test_guilty():
    for name in ("json", "socket", "tempfile", "traceback", "linecache"):
        sys.modules.pop(name, None)
    sys.path.clear()
