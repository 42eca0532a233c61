"""Whether the user's imports drew numbers from ``random`` that another process would not. What a library draws while it is
imported does not count, nor do numbers after a seed: whoever imports the same has them, too, and forks keep the state.

The functions of ``random`` are builtin, and who imports them keeps them: calls cannot be recorded. So its state is compared each
time a module begins, and a change belongs to whoever was importing since the module before.
"""

from __future__ import annotations

import random
from types import CodeType, FrameType
from typing import Any

from trun_worker.observe import origins

#: Whether the last seed was a value that somebody gave, and not the operating system's.
_is_seeded = False


def state_to_keep() -> Any:
    """Of a process that is about to fork, for ``keep`` in the child. None: ``random`` may be seeded anew there."""
    return random.getstate() if _is_seeded else None


def keep(state: Any) -> None:
    if state is not None:
        random.setstate(state)


class GlobalRandom:
    """Watches from when it is made."""

    def __init__(self) -> None:
        self._mark = _mark()
        self._users_drew = False
        #: By file: the order number of its module, by when it began.
        self._order_of: dict[str, int] = {}
        self._users_last = -1

    def after_seed(self, has_value: bool) -> None:
        """Somebody has called ``random.seed``. ``compare`` comes before it."""
        global _is_seeded
        _is_seeded = has_value
        self._mark = _mark()

    def module_begins(self, code: CodeType, frame: FrameType | None) -> None:
        """``frame``: who executes it, or any that it has called."""
        filename = code.co_filename
        if origins.is_generated(filename):
            return
        self.compare(frame)
        order = len(self._order_of)
        self._order_of[filename] = order
        if not origins.is_library(filename):
            self._users_last = order

    def compare(self, frame: FrameType | None) -> None:
        """``frame``: who is at work now, and was since the last time."""
        mark = _mark()
        if mark != self._mark:
            # As with the random bytes that a library reads for itself: rich numbers its links so.
            self._users_drew |= not _is_seeded and not self._library_imports(frame)
            self._mark = mark

    def _library_imports(self, frame: FrameType | None) -> bool:
        """Whether the body of a library's module is at work, and no module of the user's has begun since it did."""
        while frame is not None:
            filename = frame.f_code.co_filename
            if not origins.is_generated(filename) and not origins.is_runner(filename):
                if not origins.is_library(filename):
                    return False
                if frame.f_code.co_name == "<module>":
                    return self._order_of.get(filename, -1) > self._users_last
            frame = frame.f_back
        return False

    def is_changed(self, of_libraries: bool) -> bool:
        """``of_libraries``: only libraries were to be imported. Unless a module of the user's began all the same, nothing counts:
        forked workers draw anew."""
        drawn = self._users_drew or (_mark() != self._mark and not _is_seeded)
        return drawn and not (of_libraries and self._users_last < 0)


def _mark() -> tuple[Any, ...]:
    """What of the generator's state differs whenever a number was drawn, or another seed was set: how many of the present
    words are used, two of these (the first is a constant in each that was just seeded), and the second of two numbers that
    were made at once (``gauss``). To compare all 624 words takes as long as to copy them."""
    _, words, gauss = random.getstate()
    return words[-1], words[1], words[2], gauss
