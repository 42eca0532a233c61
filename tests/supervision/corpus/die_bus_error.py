"""Writes behind the end of a mapped file."""

import ctypes
import mmap
import tempfile

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 7, SIGBUS\) in call"}}


def test_guilty():
    with tempfile.TemporaryFile() as file:
        file.truncate(4096)
        mapped = mmap.mmap(file.fileno(), 4096)
        file.truncate(0)
        ctypes.memset(ctypes.addressof(ctypes.c_char.from_buffer(mapped)), 1, 1)
