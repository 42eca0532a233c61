"""Coverage in forked processes: which measurement goes on in whom, and what of it a killed worker leaves behind.

The fork server measures from the moment on when pytest-cov is loaded, so that initial conftests count: that measurement is the
host's. A worker has one of its own from its session start on. Everything here is coverage.py's, reached through what is loaded
already; where its insides are of another shape, nothing is done.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any


def _running() -> list[Any]:
    """The measurements that have been started, the current one last."""
    control = sys.modules.get("coverage.control")
    return list(getattr(getattr(control, "Coverage", None), "_instances", ()))


@contextmanager
def keeping_data(options: Any) -> Generator[None]:
    """Around the loading of plugins in a fresh worker. pytest-cov erases then what an earlier run has left, and would find there
    what other workers of this one have."""
    wanted = getattr(options, "cov_append", None)
    if wanted is None:
        yield
        return
    options.cov_append = True
    try:
        yield
    finally:
        options.cov_append = wanted


class InheritedCoverage:
    """What is measured when a process is forked. coverage.py's ``patch = fork`` starts another one in the child, which is for
    children that user code forks."""

    def __init__(self) -> None:
        self._before = _running()

    def go_on(self) -> None:
        """In the host: the measurement that it has from the server goes on, and no other."""
        self._stop([each for each in _running() if each not in self._before])
        for each in self._before:
            if not getattr(each, "_started", True):
                each.start()

    def end(self) -> None:
        """In a worker: what it has from the server is not its own."""
        self._stop(_running())

    def _stop(self, measurements: list[Any]) -> None:
        for each in reversed(measurements):
            each._auto_save = False
            try:
                each.stop()
            except (
                AssertionError
            ):  # it is stopped in an order that coverage.py did not expect: nothing is measured any more
                each._started = False


class CoverageJournal:
    """Writes what tests have newly covered into the worker's data file once they are over: there it survives SIGKILL, and the
    controller finds it with what others have saved. After the first tests hardly any covers something new."""

    def __init__(self) -> None:
        self._collector: Any = None
        self._lines: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}
        self._total = 0

    def begin(self) -> None:
        """Tests are about to begin: what is measured in this process by now is kept."""
        running = _running()
        collector = getattr(running[-1], "_collector", None) if running else None
        if isinstance(getattr(collector, "data", None), dict) and hasattr(collector, "flush_data"):
            self._collector = collector
            self._lines = self._collector.data

    def note(self) -> None:
        """A test is over."""
        if self._collector is None:
            return
        total = sum(map(len, list(self._lines.values())))
        if total != self._total:
            self._total = total
            self._write({name: found for name, found in list(self._lines.items()) if self._has_grown(name, found)})

    def _has_grown(self, name: str, found: Any) -> bool:
        known, self._sizes[name] = self._sizes.get(name, 0), len(found)
        return known != len(found)

    def _write(self, grown: dict[str, Any]) -> None:
        collector = self._collector
        try:
            collector.data = {name: found.copy() for name, found in grown.items()}
            collector.flush_data()
        except Exception:  # a full disk, or a data file that a test has removed: the session's end will tell
            self._collector = None
        finally:
            collector.data = self._lines
