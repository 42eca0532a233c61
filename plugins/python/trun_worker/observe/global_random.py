"""Whether the user's imports drew numbers from ``random`` or seeded it, and not a library for itself while it was imported.

Its functions are builtin and bound by whoever imports them: nobody can listen. Its state is looked at where a module begins.
"""

from __future__ import annotations

import random
from types import CodeType, FrameType
from typing import Any

from trun_worker.observe import origins


class GlobalRandom:
    """Of one time of watching, from when it is made."""

    def __init__(self) -> None:
        self._state: Any = random.getstate()
        self._seeded = False
        self._count = 0
        #: By file: which in the order of their beginnings a module was.
        self._begun: dict[str, int] = {}
        self._last_of_user = -1

    def seeds(self) -> None:
        """Somebody has given ``random.seed`` a value: forked workers would have another state."""
        self._seeded = True

    def module_begins(self, code: CodeType, frame: FrameType | None) -> None:
        """``frame``: who executes it. What was drawn since the last one began, while a library's own import was under way, is the
        library's affair, as are the random bytes that it reads there (rich numbers its links so)."""
        state = random.getstate()
        if state != self._state and self._is_library(frame):
            self._state = state
        self._begun[code.co_filename] = self._count
        if not origins.is_library(code.co_filename) and not origins.is_generated(code.co_filename):
            self._last_of_user = self._count
        self._count += 1

    def _is_library(self, frame: FrameType | None) -> bool:
        """Whether a library's module imports, and no user's has begun since that one did."""
        while frame is not None:
            filename = frame.f_code.co_filename
            if not origins.is_generated(filename) and not origins.is_runner(filename):
                importing = frame.f_code.co_name == "<module>" and origins.is_library(filename)
                return importing and self._begun.get(filename, -1) > self._last_of_user
            frame = frame.f_back
        return False

    def is_changed(self, of_libraries: bool) -> bool:
        """``of_libraries``: nothing of the user's was imported, whoever is forked draws others."""
        return self._seeded or (random.getstate() != self._state and not of_libraries)
