"""Its import ends the process with exit code 0."""

import os

GUILTY = {
    "collects": False,
    "said": ["ERROR collecting test_import_leaves.py", "exit 0"],
    "options": ["--collect-timeout", "5", "--continue-on-collection-errors"],
}

os._exit(0)


def test_guilty():
    pass
