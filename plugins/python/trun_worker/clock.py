"""The time, as the worker tells it whatever tests do to clocks.

Functions bound to an object: a test that patches the ``time`` module, or a library that puts a stopped clock under every
module's own name for one (freezegun), does not stop the worker's.
"""

from __future__ import annotations

import time
from typing import Any

#: By how much pytest's measure of a phase may exceed trun's, which begins and ends at hooks.
_MARGIN = 1_000_000_000  # nanoseconds


class Clock:
    """``nanoseconds`` is monotonic and of the status page; ``seconds`` is the time of day; ``sleep`` takes seconds."""

    def __init__(self) -> None:
        self.nanoseconds = time.perf_counter_ns
        self.seconds = time.time
        self.sleep = time.sleep


CLOCK = Clock()


def plausible(seconds: Any, own: int) -> int:
    """Nanoseconds of a duration that pytest measured, or ``own``, by this clock, where a test has stopped or turned the clock
    that pytest reads: then it is nothing, less than nothing, or more than there was."""
    try:
        measured = int(seconds * 1e9)
    except (TypeError, ValueError, OverflowError):
        return own
    return measured if 0 < measured <= own + _MARGIN else own
