"""Recycling: whether a process should run no further test, by what the engine said wears it out.

Looked at between two tests. Worn by memory that the process holds, or by what a test left behind and nobody can undo.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from trun_worker.kernel import KERNEL
from trun_worker.wire.channel import move_high

if TYPE_CHECKING:
    from collections import deque

    import pytest

    from trun_worker.wire.channel import Frame

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Recycling:
    """``told``: ``start.worn``."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._memory = int(told["memory"])
        self._leaks = frozenset(told["leaks"])
        self._leaked: list[str] = []
        self._statm = -1
        self.gave_back = False

    @classmethod
    def of(cls, told: dict[str, Any]) -> Recycling | None:
        """None if nothing wears it out."""
        return cls(told) if told["memory"] or told["leaks"] else None

    def leaked(self, leaks: list[list[str]]) -> None:
        """What the test at hand has left: [kind, what]."""
        self._leaked += [f"{kind}: {what}" for kind, what in leaks if kind in self._leaks]

    def give_back(self, queue: deque[pytest.Item], next_ordinal: int) -> Frame | None:
        """If it is worn out: takes from ``queue`` all but the test that the last teardown knew to come next, and says so."""
        worn = None if self.gave_back else self._out()
        if worn is None:
            return None
        self.gave_back = True
        while len(queue) > 1:
            queue.pop()
        return {"t": "gave_back", "ordinal": next_ordinal + len(queue), "cause": worn[0], "detail": worn[1]}

    def _out(self) -> tuple[str, str] | None:
        """Cause and detail, if it is worn out."""
        if self._leaked:
            return "leak", "; ".join(self._leaked)
        if self._memory and (held := self._resident()) > self._memory:
            return "memory", f"{held >> 20} MB held, {self._memory >> 20} MB allowed"
        return None

    def _resident(self) -> int:
        """Bytes. Read through a descriptor of its own, which costs some microseconds."""
        try:
            if self._statm < 0:
                self._statm = move_high(KERNEL.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC))
            return int(KERNEL.pread(self._statm, 128, 0).split()[1]) * _PAGE_BYTES
        except (OSError, ValueError, IndexError):
            self._statm = -1  # a test closed it: the next look opens it again
            return 0
