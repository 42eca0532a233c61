"""The end of the interpreter does not come: all verdicts stand."""

import atexit
import time

GUILTY = {
    "alone": True,
    "options": ["--shutdown-timeout", "1"],
    "code": 0,
    "said": ["it did not end within"],
    "expect": {"test_guilty": "passed"},
}


def test_guilty():
    atexit.register(time.sleep, 100)
