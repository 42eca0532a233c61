"""A stretch of fast items: what pytest sets up around every phase of every test, and takes down again, is set up once.

Whatever a test can see or change of it (streams, log handlers, warning filters) is put right before the next.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from trun_worker.kernel import KERNEL
from trun_worker.run.caught import CaughtLogs, CaughtWarnings
from trun_worker.run.pytest_internals import PytestInternals


class FastBatch:
    """A run of consecutive fast items: capture resumed, log handlers on, warnings caught, until ``close``."""

    def __init__(self, config: pytest.Config, parts: PytestInternals) -> None:
        self._parts = parts
        self._capture = parts.capture
        self._global = parts.capture._global_capturing
        self._files = _written_probes(self._global)
        self._streams = _streams(self._global)
        self._strays = parts.strays
        self._warnings = CaughtWarnings(config, parts) if parts.catches_warnings else None
        self._logs = CaughtLogs(parts) if parts.logging is not None else None
        self._capture.resume_global_capture()

    def close(self) -> None:
        self._capture.suspend_global_capture(in_=False)
        if self._logs is not None:
            self._logs.close()
        if self._warnings is not None:
            self._warnings.close()

    def begin_item(self, item: Any, has_own_filters: bool) -> None:
        """``has_own_filters``: its markers have filters for warnings."""
        if self._warnings is not None:
            self._warnings.begin_item(item, has_own_filters)
        if self._logs is not None:
            self._logs.begin_item(item)

    def end_item(self, item: Any) -> None:
        if self._logs is not None:
            self._logs.end_item(item)
        if self._warnings is not None:
            self._warnings.end_item(item)

    @contextmanager
    def set_aside(self, item: Any, replayed: bool) -> Generator[None, None, None]:
        """Around what goes through pytest's own wrappers: they put away what this stretch still needs. ``replayed``: what they
        record is no news."""
        records = {} if self._logs is None else self._logs.put_aside(item)
        self._capture.suspend_global_capture(in_=False)
        try:
            yield
        finally:
            if self._logs is not None:
                self._logs.take_up(item, records, replayed)
            self._capture.resume_global_capture()

    def begin_phase(self, item: Any, when: str) -> None:
        for file, source, target, name in self._streams:
            # What a test does to its descriptors is undone before the next test; pytest does it before each phase.
            if source is not None and target is not None and when == "setup":
                KERNEL.dup2(source, target)
            setattr(sys, name, file)
        if self._capture._capture_fixture:
            self._capture.activate_fixture()
        if self._logs is not None:
            self._logs.begin_phase(item, when)
        if self._strays is not None:
            self._strays.begin()

    def end_phase(self, item: Any, when: str) -> None:
        if self._strays is not None:
            self._strays.end()
        if self._capture._capture_fixture:
            self._capture.deactivate_fixture()
        if self._anything_written():
            out, err = self._capture.read_global_capture()
            item.add_report_section(when, "stdout", out)
            item.add_report_section(when, "stderr", err)
        if self._logs is not None:
            self._logs.end_phase(item, when)

    def _anything_written(self) -> bool:
        try:
            for written in self._files:
                if written():
                    return True
        except (OSError, ValueError):  # it was closed: pytest will say what it says of that
            return True
        return False

    def mended(self) -> None:
        """Capture has other files from now on (streams.py)."""
        self._files = _written_probes(self._global)
        self._streams = _streams(self._global)

    def let_out(self) -> None:
        """What was captured since the last phase belongs to no test: objects that died with the fixtures said it."""
        if self._anything_written():
            self._global.pop_outerr_to_orig()


def _written_probes(capture: Any) -> list[Callable[[], Any]]:
    """For stdout and stderr, a function that says whether anything was written since the last read."""
    probes: list[Callable[[], Any]] = []
    for stream in (capture.out, capture.err):
        if stream is None:
            continue
        if hasattr(stream, "targetfd"):
            # The size, not the offset: a test may have written through a descriptor that it opened itself.
            probes.append(partial(KERNEL.lseek, stream.tmpfile.fileno(), 0, os.SEEK_END))
        else:
            probes.append(stream.tmpfile.tell)
    return probes


def _streams(capture: Any) -> list[tuple[Any, int | None, int | None, str]]:
    """(file, its descriptor, the one it stands in for, name in sys): what resuming capture would point there again."""
    found: list[tuple[Any, int | None, int | None, str]] = []
    for stream, name in ((capture.out, "stdout"), (capture.err, "stderr")):
        if stream is not None:
            target = getattr(stream, "targetfd", None)
            found.append((stream.tmpfile, None if target is None else stream.tmpfile.fileno(), target, name))
    return found
