"""The worker's own doors to the kernel, bound before any of the user's code runs.

Attributes of an object: what replaces a function in its module (gevent), or under every module's name for it (pyfakefs), does
not find them. What the worker does while the user's code may be at work, it does through these.
"""

from __future__ import annotations

import fcntl
import os
import select
import socket
import threading


class Kernel:
    """The functions of ``os`` and others, as they were."""

    def __init__(self) -> None:
        self.open = os.open
        self.close = os.close
        self.read = os.read
        self.write = os.write
        self.pread = os.pread
        self.dup = os.dup
        self.dup2 = os.dup2
        self.lseek = os.lseek
        self.fcntl = fcntl.fcntl
        self.stat = os.stat
        self.fstat = os.fstat
        self.listdir = os.listdir
        self.readlink = os.readlink
        self.waitid = os.waitid
        self.waitpid = os.waitpid
        self.fork = os.fork
        self.poll = select.poll
        self.socket = socket.socket
        self.lock = threading.Lock
        self.threads = threading.enumerate

    def read_all(self, path: str) -> bytes:
        """What a file of /proc holds. Raises OSError."""
        fd = self.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            found = b""
            while piece := self.read(fd, 65536):
                found += piece
            return found
        finally:
            self.close(fd)

    def append(self, path: str, data: bytes) -> None:
        """Write at the end of a file, which is made if it is not there. Raises OSError."""
        fd = self.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self.write(fd, data)
        finally:
            self.close(fd)


KERNEL = Kernel()
