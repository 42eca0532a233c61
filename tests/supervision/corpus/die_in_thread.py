"""A thread brings the process down while the test waits."""

import ctypes
import threading
import time

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 11, SIGSEGV\) in call"}}


def test_guilty():
    threading.Thread(target=ctypes.string_at, args=(0,)).start()
    time.sleep(30)
