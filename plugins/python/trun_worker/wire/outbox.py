"""Frames on their way into a socket. Each goes out whole, once and in its place, whatever interrupts the writer.

A signal handler may run, and raise, between any two byte codes, also between a write and the note of how much it wrote. Here
both are one call of a function in C, which does not wait: in a call that waits handlers run, too, before it tries the same bytes
again. What an interrupted call has left is the first that the next one writes; a handler that sends a frame of its own in the
middle of another completes that one first.
"""

from __future__ import annotations

import select
import socket
import threading
from itertools import count, repeat

from trun_worker.kernel import KERNEL

# Bound here: a test may have patched the modules when a frame is due.
_DONT_WAIT, _POLLOUT = socket.MSG_DONTWAIT, select.POLLOUT


class Outbox:
    """Of ``end``, a blocking stream."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self._write = end.send
        #: By number: a frame, and how much of it each write took.
        self._waiting: dict[int, tuple[memoryview, list[int]]] = {}
        self._numbers = count()
        # A handler that sends, runs in the thread that holds it.
        self._lock = threading.RLock()

    def send(self, frame: bytes) -> None:
        """Write all that waits, and then ``frame``. Raises OSError where nobody reads; what was not written then, waits."""
        with self._lock:
            self._waiting[next(self._numbers)] = memoryview(frame), []
            while (number := min(self._waiting, default=None)) is not None:
                self._go_on(number)

    def _go_on(self, number: int) -> None:
        waiting = self._waiting.get(number)
        if waiting is None:  # a handler has completed it meanwhile
            return
        frame, taken = waiting
        if sum(taken) == len(frame):
            self._waiting.pop(number, None)
            return
        # list.extend drives the chain: slice what is left, write it, note how much was taken.
        rest = map(frame.__getitem__, map(slice, map(sum, (taken,)), (None,)))
        try:
            taken.extend(map(self._write, rest, repeat(_DONT_WAIT)))
        except BlockingIOError:
            room = KERNEL.poll()  # one for each who waits: a handler may, too
            room.register(self._end, _POLLOUT)
            room.poll()
