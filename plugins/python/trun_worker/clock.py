"""The time, as the worker tells it whatever tests do to clocks.

Functions bound to an object: a test that patches the ``time`` module, or a library that puts a stopped clock under every
module's own name for one (freezegun), does not stop the worker's.
"""

from __future__ import annotations

import time


class Clock:
    """``nanoseconds`` is monotonic and of the status page; ``seconds`` is the time of day; ``sleep`` takes seconds."""

    def __init__(self) -> None:
        self.nanoseconds = time.perf_counter_ns
        self.seconds = time.time
        self.sleep = time.sleep


CLOCK = Clock()
