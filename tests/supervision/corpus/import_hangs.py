"""Its import does not come back."""

import time

GUILTY = {
    "collects": False,
    "said": ["ERROR collecting test_import_hangs.py", "not collected within"],
    "options": ["--collect-timeout", "5", "--continue-on-collection-errors"],
}

time.sleep(100)


def test_guilty():
    pass
