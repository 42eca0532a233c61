"""Its import brings the interpreter down."""

import ctypes

GUILTY = {
    "collects": False,
    "said": ["ERROR collecting test_import_dies.py", "signal 11 (SIGSEGV)"],
    "options": ["--collect-timeout", "5", "--continue-on-collection-errors"],
}

ctypes.string_at(0)


def test_guilty():
    pass
