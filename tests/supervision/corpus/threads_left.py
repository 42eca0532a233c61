"""Leaves threads that go on to print, and one that raises."""

import threading
import time

GUILTY = {"expect": {"test_guilty": "passed"}, "leaks": {"test_guilty": ["threads", "threads"]}}


def prints():
    for _ in range(100):
        print("from a thread")
        time.sleep(0.01)


def raises():
    time.sleep(0.3)
    raise RuntimeError("in a thread, later")


def test_guilty():
    threading.Thread(target=prints, daemon=True).start()
    threading.Thread(target=raises, daemon=True).start()
