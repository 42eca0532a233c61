"""What pytest catches around every test, logs and warnings, for a stretch of fast items (fast_batch.py)."""

from __future__ import annotations

import io
import logging
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from trun_worker.run.pytest_internals import PytestInternals


class CaughtLogs:
    """What pytest's logging plugin does around every phase: two handlers, the level of the root logger, live logs."""

    def __init__(self, parts: PytestInternals) -> None:
        self._parts = parts
        self._plugin = parts.logging
        self._handlers = parts.logging.caplog_handler, parts.logging.report_handler
        self._level: int | None = parts.logging.log_level
        self._live: Any = parts.logging.log_cli_handler if parts.logging._log_cli_enabled() else None
        self._root = logging.getLogger()
        self._before = self._within = self._root.level  # outside of phases, and in each of them
        self._loggers = -1
        self._apart: list[Any] = []

    def begin_item(self, item: Any) -> None:
        item.stash[self._parts.records_key] = {}
        item.stash[self._parts.handler_key] = self._plugin.caplog_handler
        if self._live is not None:
            self._live.reset()
            self._live.set_when("start")

    def end_item(self, item: Any) -> None:
        del item.stash[self._parts.records_key]
        del item.stash[self._parts.handler_key]
        if self._live is not None:
            self._live.set_when("finish")

    def begin_phase(self, item: Any, when: str) -> None:
        in_place = self._root.handlers[-2:] == list(self._handlers)
        for handler in self._handlers:
            if handler.records:
                handler.stream = io.StringIO()
            handler.records = []
            if not in_place:
                # pytest's come last in every phase, behind what a fixture or another test has added.
                self._root.removeHandler(handler)
                self._root.addHandler(handler)
        may_differ = when == "setup" or item.fixturenames or len(self._root.manager.loggerDict) != self._loggers
        if self._parts.logs_apart and may_differ:
            self._attach_apart()
        if self._level is not None:
            self._lower(self._level)
        if self._live is not None:
            self._live.set_when(when)
        item.stash[self._parts.records_key][when] = self._plugin.caplog_handler.records

    def end_phase(self, item: Any, when: str) -> None:
        if self._level is not None and self._root.level != self._within:
            self._root.setLevel(self._within)  # pytest undoes what a phase did to it
        if self._plugin.report_handler.records:
            item.add_report_section(when, "log", self._plugin.report_handler.stream.getvalue().strip())

    def _lower(self, level: int) -> None:
        for handler in self._handlers:
            if handler.level != level:
                handler.setLevel(level)
        if self._root.level != self._within or level < self._within:
            self._before = self._root.level
            self._within = min(self._before, level)
            self._root.setLevel(self._within)

    def put_aside(self, item: Any) -> dict[str, Any]:
        """Before what goes through pytest's own wrappers. What was recorded of the item."""
        self.close()
        return dict(item.stash[self._parts.records_key])

    def take_up(self, item: Any, records: dict[str, Any], replayed: bool) -> None:
        """After it. ``replayed``: what has been recorded is no news."""
        more = {} if replayed else item.stash.get(self._parts.records_key, {})
        item.stash[self._parts.records_key] = {**records, **more}
        item.stash[self._parts.handler_key] = self._plugin.caplog_handler

    def close(self) -> None:
        for handler in self._handlers:
            for logger in (self._root, *self._apart):
                logger.removeHandler(handler)
        self._apart, self._loggers = [], -1
        if self._level is not None and self._root.level == self._within:
            self._root.setLevel(self._before)
        self._before = self._within = self._root.level

    def _attach_apart(self) -> None:
        """Loggers that do not propagate get pytest's handlers themselves, those that do again no longer."""
        loggers = self._root.manager.loggerDict
        for handler in self._handlers:
            for logger in self._apart:
                logger.removeHandler(handler)
        self._apart = [logger for logger in loggers.values() if not getattr(logger, "propagate", True)]
        for handler in self._handlers:
            for logger in self._apart:
                logger.addHandler(handler)
        self._loggers = len(loggers)


class CaughtWarnings:
    """What pytest's warnings plugin does around every test, for a stretch of them."""

    def __init__(self, config: pytest.Config, parts: PytestInternals) -> None:
        self._parts = parts
        self._catching = parts.catch_warnings(config=config, ihook=config.hook, when="runtest", item=None)
        self._catching.__enter__()
        self._warning_filters: list[Any] = getattr(warnings, "filters")  # noqa: B009 (typeshed hides it)
        self._filters = list(self._warning_filters)
        self._show = warnings._showwarnmsg_impl  # type: ignore[attr-defined]
        self._log: list[Any] = self._show.__self__
        self._own_filters: Any = None

    def close(self) -> None:
        self._catching.__exit__(None, None, None)

    def begin_item(self, item: Any, has_own_filters: bool) -> None:
        """Fresh filters: what the last test did to them is undone, and every location may warn again."""
        module: Any = warnings
        if module.filters is not self._warning_filters or module.filters != self._filters:
            module.filters = self._warning_filters
            module.filters[:] = self._filters
        if module._showwarnmsg_impl is not self._show:
            module._showwarnmsg_impl = self._show
        module.showwarning = module._showwarning_orig
        module._filters_mutated()
        self._log.clear()
        if has_own_filters:
            self._own_filters = self._parts.catch_warnings(
                config=item.config, ihook=item.ihook, when="runtest", item=item
            )
            self._own_filters.__enter__()

    def end_item(self, item: Any) -> None:
        """Tell of those that were recorded since the item began."""
        if self._own_filters is not None:
            self._own_filters.__exit__(None, None, None)
            self._own_filters = None
        if self._log:
            hook = item.ihook.pytest_warning_recorded
            for message in self._log[:]:
                hook.call_historic(
                    kwargs={"warning_message": message, "nodeid": item.nodeid, "when": "runtest", "location": None}
                )
            self._log.clear()
