"""Frames on their way into a socket. Each goes out whole, once and in its place, whatever interrupts the writer.

A signal handler may run, and raise, between any two byte codes, also between a write and the note of how much it wrote. Here
both are one call of a function in C. What an interrupted call has left is the first that the next one writes; a handler that
sends a frame of its own in the middle of another completes that one first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from itertools import count


class Outbox:
    """``write`` takes as many bytes as there is room for, after a wait if there is none, and returns how many."""

    def __init__(self, write: Callable[[memoryview], int]) -> None:
        self._write = write
        #: By number: a frame, and how much of it each write took.
        self._waiting: dict[int, tuple[memoryview, list[int]]] = {}
        self._numbers = count()
        # A handler that sends, runs in the thread that holds it.
        self._lock = threading.RLock()

    def send(self, frame: bytes) -> None:
        """Write all that waits, and then ``frame``. Raises what ``write`` raises; what was not written then, waits."""
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
        taken.extend(map(self._write, rest))
