"""pytest's private parts that the fast lane stands on, all in one place, each looked for before anything relies on it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import pytest


class PytestParts:
    """pytest's private parts, fetched once. Any of them missing raises, which refuses the lane."""

    def __init__(self, config: pytest.Config) -> None:
        from _pytest import assertion, logging, runner, skipping, threadexception, tmpdir, unraisableexception
        from _pytest import warnings as warnings_plugin
        from _pytest._code import ExceptionInfo
        from _pytest._code.code import filter_traceback

        self.setup = runner.pytest_runtest_setup
        self.call = runner.pytest_runtest_call
        self.teardown = runner.pytest_runtest_teardown
        self.code_of = {"setup": self.setup.__code__, "call": self.call.__code__, "teardown": self.teardown.__code__}
        self.call_and_report = runner.call_and_report
        self.filter_traceback = filter_traceback
        self.call_info = runner.CallInfo
        self.is_interactive = runner.check_interactive_exception
        self.reraise = runner.get_reraise_exceptions(config)
        self.from_exc_info = ExceptionInfo.from_exc_info
        self.assertion_protocol = _generator_function(assertion.pytest_runtest_protocol)
        self.catch_warnings = warnings_plugin.catch_warnings_for_item
        self.xfailed_key = skipping.xfailed_key
        self.evaluate_xfail = skipping.evaluate_xfail_marks
        self.tmppath_result_key = tmpdir.tmppath_result_key
        self.records_key = logging.caplog_records_key
        self.handler_key = logging.caplog_handler_key
        self.refusals: list[str] = []
        self._find_plugins(config)
        self._find_strays(config, unraisableexception, threadexception)
        if sys.modules.get("twisted"):
            self.refusals.append("twisted is loaded: pytest treats its failures apart")
        if float(config.getini("faulthandler_timeout") or 0.0) > 0:
            self.refusals.append("faulthandler_timeout is set")

    def _find_plugins(self, config: pytest.Config) -> None:
        manager = config.pluginmanager
        self.capture: Any = manager.getplugin("capturemanager")
        self.logging: Any = manager.getplugin("logging-plugin")
        for name in ("capturemanager", "runner", "python", "skipping", "warnings", "assertion", "tmpdir"):
            if not manager.hasplugin(name):
                self.refusals.append(f"pytest's plugin {name!r} is disabled")
        if self.capture is not None and self.capture._method not in ("fd", "sys", "no"):
            self.refusals.append(f"--capture={self.capture._method} is given")
        if self.logging is not None and (self.logging.log_level is not None or self.logging._log_cli_enabled()):
            self.refusals.append("log_level or log_cli is set")

    def _find_strays(self, config: pytest.Config, unraisable: Any, threads: Any) -> None:
        self.unraisable: Any = config.stash.get(unraisable.unraisable_exceptions, ())
        self.thread_exceptions: Any = config.stash.get(threads.thread_exceptions, ())


def _generator_function(wrapper: Any) -> Callable[[Any], Any]:
    return getattr(wrapper, "__wrapped__", wrapper)  # type: ignore[no-any-return]
