"""A thread that the interpreter waits for at its end."""

import threading
import time

GUILTY = {
    "alone": True,
    "options": ["--shutdown-timeout", "1"],
    "code": 0,
    "said": ["it did not end within"],
    "expect": {"test_guilty": "passed"},
    "leaks": {"test_guilty": ["threads"]},
}


def test_guilty():
    threading.Thread(target=time.sleep, args=(100,)).start()
