"""The shared pages (docs/protocol.md): what a worker is at, told without a system call.

Words are aligned 8-byte stores through a ``memoryview`` of 64-bit words, about 50 ns each; what is in the page survives SIGKILL.
"""

from __future__ import annotations

import mmap
import os
import sys

from trun_worker.clock import CLOCK
from trun_worker.wire.channel import is_handing_over

MAGIC = 0x314E555254
RING_RECORDS = 4096
RECORD_WORDS = 5
RING_START = 16
#: The fixture that is being set up: ordinal of the item + 1, length of the text, the text.
FIXTURE = RING_START + RING_RECORDS * RECORD_WORDS
FIXTURE_WORDS = 32
FIXTURE_BYTES = (FIXTURE_WORDS - 2) * 8
PAGE_BYTES = (FIXTURE + FIXTURE_WORDS) * 8

PID, ORDINAL, PHASE, SINCE, HEAD, TAIL, FINISHED, HEARTBEAT, HALTED, BEGAN, DEBUGGING = range(1, 12)
WAITING, WAITED, WAITED_FOR = range(12, 15)

IDLE, START, COLLECT, SETUP, CALL, TEARDOWN, FINISH, EXIT = range(8)


def _mapped(fd: int, size: int) -> mmap.mmap:
    """The page behind ``fd``, which is closed. No descriptor of it is left: a test that writes to every descriptor that there is
    would stop the run with what it writes there."""
    if sys.version_info >= (3, 13):
        found = mmap.mmap(fd, size, trackfd=False)
        os.close(fd)
        return found
    # mmap keeps a copy for itself, under the lowest number that is free.
    copy = os.dup(fd)
    os.close(copy)
    found = mmap.mmap(fd, size)
    if os.path.sameopenfile(copy, fd):
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, copy, inheritable=False)
        os.close(null)
    os.close(fd)
    return found


class StatusPage:
    """The worker's side of its page. ``words`` is public: the run loop stores into it directly. It is another one in a child
    that a test forks, so nobody keeps it over user code."""

    def __init__(self, fd: int) -> None:
        self._map = _mapped(fd, PAGE_BYTES)
        self.words = memoryview(self._map).cast("Q")
        self.forked = False
        os.register_at_fork(after_in_child=self._part_in_child)
        self.words[PID] = os.getpid()
        self.words[0] = MAGIC

    def _part_in_child(self) -> None:
        # A child that returns into pytest runs on: what it is at, and what it has passed, is not the worker's.
        if not is_handing_over():
            self._map = mmap.mmap(-1, PAGE_BYTES)
            self.words = memoryview(self._map).cast("Q")
            self.forked = True

    def phase(self, phase: int, since: int) -> None:
        words = self.words
        words[SINCE] = since
        words[PHASE] = phase
        words[HEARTBEAT] += 1

    def wait_while_halted(self) -> None:
        """The engine is looking at what this worker was at, and may be about to end it: nothing new starts."""
        while self.words[HALTED]:
            CLOCK.sleep(0.005)

    def is_at_test(self) -> bool:
        """Whether a test has begun and is not over."""
        words = self.words
        return bool(words[BEGAN]) and words[FINISHED] <= words[ORDINAL]

    def setting_up(self, fixture: str) -> None:
        """From now on, for the item at work: if the process dies in its set-up, it was in this fixture."""
        words = self.words
        text = fixture.encode(errors="replace")[:FIXTURE_BYTES]
        start = (FIXTURE + 2) * 8
        words[FIXTURE] = 0
        words.cast("B")[start : start + len(text)] = text
        words[FIXTURE + 1] = len(text)
        words[FIXTURE] = words[ORDINAL] + 1

    def ring_full(self) -> bool:
        return self.words[HEAD] - self.words[TAIL] >= RING_RECORDS

    def record(self, ordinal: int, started: int, setup: int, call: int, teardown: int) -> None:
        """Append a plain pass. The record is complete before the head moves."""
        words = self.words
        head = words[HEAD]
        at = RING_START + (head % RING_RECORDS) * RECORD_WORDS
        words[at] = ordinal
        words[at + 1] = started
        words[at + 2] = setup
        words[at + 3] = call
        words[at + 4] = teardown
        words[HEAD] = head + 1


class RunPage:
    """The run's page: the stop word, and every worker's count of failures."""

    def __init__(self, fd: int, slot: int, slots: int, maxfail: int) -> None:
        self._map = _mapped(fd, 0)  # all of it
        self._words = memoryview(self._map).cast("I")
        os.register_at_fork(after_in_child=self._part_in_child)
        self._slot = 1 + slot
        self._end = 1 + max(slots, slot + 1)
        self._maxfail = maxfail

    def _part_in_child(self) -> None:
        if not is_handing_over():
            self._words = memoryview(mmap.mmap(-1, len(self._map))).cast("I")

    def stopped(self) -> bool:
        return self._words[0] != 0

    def failures(self) -> int:
        """Failures that all workers of the run have reported."""
        return sum(self._words[1 : self._end])

    def add_failure(self) -> None:
        self._words[self._slot] += 1

    def limit_reached(self) -> bool:
        """Whether the run has as many failures as ``--maxfail`` allows."""
        return self._maxfail > 0 and self.failures() >= self._maxfail
