"""A stretch of fast items: what pytest sets up around every phase of every test, and takes down again, is set up once.

Whatever a test can see or change of it (streams, log handlers, warning filters) is put right before the next.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from trun_worker.kernel import KERNEL
from trun_worker.run.pytest_internals import PytestInternals


class FastBatch:
    """A run of consecutive fast items: capture resumed, log handlers on, warnings caught, until ``close``."""

    def __init__(self, config: pytest.Config, parts: PytestInternals) -> None:
        self._parts = parts
        self._capture = parts.capture
        self._global = parts.capture._global_capturing
        self._files = _written_probes(self._global)
        self._streams = _streams(self._global)
        self._logging = parts.logging
        self._strays = parts.strays
        self._root = logging.getLogger()
        self._catching = parts.catch_warnings(config=config, ihook=config.hook, when="runtest", item=None)
        self._catching.__enter__()
        self._warning_filters: list[Any] = getattr(warnings, "filters")  # noqa: B009 (typeshed hides it)
        self._filters = list(self._warning_filters)
        self._show = warnings._showwarnmsg_impl  # type: ignore[attr-defined]
        self._log: list[Any] = self._show.__self__
        self._loggers = -1
        self._apart: list[Any] = []
        self._own_filters: Any = None
        self._capture.resume_global_capture()

    def close(self) -> None:
        self._capture.suspend_global_capture(in_=False)
        self.put_log_handlers_away()
        self._catching.__exit__(None, None, None)

    def begin_item(self, item: Any) -> None:
        """Fresh warning filters: what the last test did to them is undone, and every location may warn again."""
        module: Any = warnings
        if module.filters is not self._warning_filters or module.filters != self._filters:
            module.filters = self._warning_filters
            module.filters[:] = self._filters
        if module._showwarnmsg_impl is not self._show:
            module._showwarnmsg_impl = self._show
        module.showwarning = module._showwarning_orig
        module._filters_mutated()
        self._log.clear()
        if self._logging is not None:
            item.stash[self._parts.records_key] = {}
            item.stash[self._parts.handler_key] = self._logging.caplog_handler

    def begin_own_filters(self, item: Any) -> None:
        """The item's markers have filters for warnings: until it ends."""
        self._own_filters = self._parts.catch_warnings(config=item.config, ihook=item.ihook, when="runtest", item=item)
        self._own_filters.__enter__()

    def end_item(self, item: Any) -> None:
        if self._own_filters is not None:
            self._own_filters.__exit__(None, None, None)
            self._own_filters = None
        if self._logging is not None:
            del item.stash[self._parts.records_key]
            del item.stash[self._parts.handler_key]
        if self._log:
            hook = item.ihook.pytest_warning_recorded
            for message in self._log[:]:
                hook.call_historic(
                    kwargs={"warning_message": message, "nodeid": item.nodeid, "when": "runtest", "location": None}
                )
            self._log.clear()

    @contextmanager
    def set_aside(self, item: Any, replayed: bool) -> Generator[None, None, None]:
        """Around what goes through pytest's own wrappers: they put away what this stretch still needs. ``replayed``: what they
        record is no news."""
        records = dict(item.stash[self._parts.records_key]) if self._logging is not None else {}
        self._capture.suspend_global_capture(in_=False)
        self.put_log_handlers_away()
        try:
            yield
        finally:
            if self._logging is not None:
                more = {} if replayed else item.stash.get(self._parts.records_key, {})
                item.stash[self._parts.records_key] = {**records, **more}
                item.stash[self._parts.handler_key] = self._logging.caplog_handler
            self._capture.resume_global_capture()

    def begin_phase(self, item: Any, when: str) -> None:
        for file, source, target, name in self._streams:
            # What a test does to its descriptors is undone before the next test; pytest does it before each phase.
            if source is not None and target is not None and when == "setup":
                KERNEL.dup2(source, target)
            setattr(sys, name, file)
        if self._capture._capture_fixture:
            self._capture.activate_fixture()
        if self._logging is not None:
            self._begin_logging(item, when)
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
        if self._logging is not None and self._logging.report_handler.records:
            item.add_report_section(when, "log", self._logging.report_handler.stream.getvalue().strip())

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

    def _begin_logging(self, item: Any, when: str) -> None:
        caplog, report = self._logging.caplog_handler, self._logging.report_handler
        in_place = self._root.handlers[-2:] == [caplog, report]
        for handler in (caplog, report):
            if handler.records:
                handler.stream = io.StringIO()
            handler.records = []
            if not in_place:
                # pytest's come last in every phase, behind what a fixture or another test has added.
                self._root.removeHandler(handler)
                self._root.addHandler(handler)
        may_differ = when == "setup" or item.fixturenames or len(self._root.manager.loggerDict) != self._loggers
        if self._parts.logs_apart and may_differ:
            self._attach_apart(caplog, report)
        item.stash[self._parts.records_key][when] = caplog.records

    def _attach_apart(self, *handlers: logging.Handler) -> None:
        """Loggers that do not propagate get pytest's handlers themselves, those that do again no longer."""
        loggers = self._root.manager.loggerDict
        for handler in handlers:
            for logger in self._apart:
                logger.removeHandler(handler)
        self._apart = [logger for logger in loggers.values() if not getattr(logger, "propagate", True)]
        for handler in handlers:
            for logger in self._apart:
                logger.addHandler(handler)
        self._loggers = len(loggers)

    def put_log_handlers_away(self) -> None:
        if self._logging is None:
            return
        for handler in (self._logging.caplog_handler, self._logging.report_handler):
            for logger in (self._root, *self._apart):
                logger.removeHandler(handler)
        self._apart, self._loggers = [], -1


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
