"""Its import holds the GIL for ever."""

import ctypes

GUILTY = {
    "collects": False,
    "said": ["ERROR collecting test_import_hangs_in_c.py"],
    "options": ["--collect-timeout", "5", "--continue-on-collection-errors"],
}

ctypes.PyDLL(None).sleep(100)


def test_guilty():
    pass
