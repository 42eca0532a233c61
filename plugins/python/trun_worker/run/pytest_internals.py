"""pytest's private parts that the fast lane stands on, all in one place, each looked for before anything relies on it."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest


class PytestInternals:
    """pytest's private parts, fetched once. Any of them missing raises, which refuses the lane."""

    def __init__(self, config: pytest.Config) -> None:
        # Here, where one that is missing refuses the lane.
        from _pytest import assertion, logging, runner, skipping, threadexception, tmpdir, unittest, unraisableexception
        from _pytest import warnings as warnings_plugin
        from _pytest._code import ExceptionInfo
        from _pytest._code.code import filter_traceback
        from _pytest.doctest import DoctestItem

        self.setup = runner.pytest_runtest_setup
        self.call = runner.pytest_runtest_call
        self.teardown = runner.pytest_runtest_teardown
        self.code_of = {"setup": self.setup.__code__, "call": self.call.__code__, "teardown": self.teardown.__code__}
        self.call_and_report = runner.call_and_report
        self.filter_traceback = filter_traceback
        self.unittest_item = unittest.TestCaseFunction
        #: From pytest 9 on; asked once trial is loaded.
        self._twisted_version: Any = getattr(unittest, "_get_twisted_version", None)
        self.doctest_item = DoctestItem
        self.call_info = runner.CallInfo
        self.is_interactive = runner.check_interactive_exception
        self.reraise = _reraised(runner, config)
        self.from_exc_info = ExceptionInfo.from_exc_info
        self.assertion_protocol = _generator_function(assertion.pytest_runtest_protocol)
        self.catch_warnings = warnings_plugin.catch_warnings_for_item
        self.xfailed_key = skipping.xfailed_key
        self.evaluate_xfail = skipping.evaluate_xfail_marks
        self.tmppath_result_key = tmpdir.tmppath_result_key
        #: Whether loggers that do not propagate get pytest's handlers, too.
        self.logs_apart = "attached_loggers" in logging.catching_logs.__slots__
        #: Before pytest 9 a group of exceptions is shown with every frame.
        self.groups_are_native = not hasattr(runner, "get_reraise_exceptions")
        self.records_key = logging.caplog_records_key
        self.handler_key = logging.caplog_handler_key
        #: Tracebacks are shown with pytest's frames.
        self.shows_all_frames = config.getoption("tbstyle", "auto") == "native"
        self._patches_failures: bool | None = None
        self.refusals: list[str] = []
        self._find_patched(runner, skipping, logging)
        self._find_plugins(config)
        self._find_strays(config, unraisableexception, threadexception)
        if float(config.getini("faulthandler_timeout") or 0.0) > 0:
            self.refusals.append("faulthandler_timeout is set")

    def treats_apart(self, item: pytest.Item) -> bool:
        """Whether pytest does more for an item while twisted.trial is loaded: it keeps the exceptions of failures. With trial of
        twisted 24 and before, pytest 9 patches the class of failures around every item."""
        if "twisted.trial.unittest" not in sys.modules:
            return False
        if self._patches_failures is None:
            version = self._twisted_version
            self._patches_failures = version is not None and version().name == "Version24"
        return self._patches_failures or isinstance(item, self.unittest_item)

    def _find_patched(self, runner: Any, skipping: Any, logging: Any) -> None:
        """The lane does what these do, or calls them less often: who has put something in their place wants that to be called."""
        from _pytest.capture import CaptureManager  # as it is now: somebody may have replaced it

        stood_in_for = (
            (runner, "call_and_report"),
            (runner, "runtestprotocol"),
            (runner.CallInfo, "from_call"),
            (pytest.TestReport, "from_item_and_call"),
            (CaptureManager, "item_capture"),
            (logging.LoggingPlugin, "_runtest_for"),
            (skipping, "evaluate_skip_marks"),
        )
        home = os.path.dirname(runner.__file__) + os.sep
        for owner, name in stood_in_for:
            function: Any = getattr(owner, name)
            if isinstance(getattr(owner, "__dict__", {}).get(name), classmethod):
                function = function.__func__
            code = getattr(function, "__code__", None)
            if code is not None and code.co_filename == contextlib.__file__:
                code = function.__wrapped__.__code__
            if code is None or not code.co_filename.startswith(home):
                self.refusals.append(f"pytest's {name} is patched")

    def _find_plugins(self, config: pytest.Config) -> None:
        manager = config.pluginmanager
        self.capture: Any = manager.getplugin("capturemanager")
        self.logging: Any = manager.getplugin("logging-plugin")
        self.catches_warnings: bool = manager.hasplugin("warnings")
        for name in ("capturemanager", "runner", "python", "skipping", "assertion"):
            if not manager.hasplugin(name):
                self.refusals.append(f"pytest's plugin {name!r} is disabled")
        if self.capture is not None and self.capture._method not in ("fd", "sys", "no"):
            self.refusals.append(f"--capture={self.capture._method} is given")

    def _find_strays(self, config: pytest.Config, unraisable: Any, threads: Any) -> None:
        self.strays: Strays | None = None
        if hasattr(unraisable, "unraisable_exceptions"):
            self.unraisable: Any = config.stash.get(unraisable.unraisable_exceptions, ())
            self.thread_exceptions: Any = config.stash.get(threads.thread_exceptions, ())
            return
        watched = [config.pluginmanager.hasplugin(name) for name in ("unraisableexception", "threadexception")]
        self.strays = Strays(*watched)
        self.unraisable, self.thread_exceptions = self.strays.unraisable, self.strays.of_threads


class Strays:
    """Exceptions that had nowhere to go, of pytest before 8.4: its hooks around a phase take them down, and warn after it."""

    def __init__(self, watches_unraisable: bool, watches_threads: bool) -> None:
        self._watches = watches_unraisable, watches_threads
        self.unraisable: list[Any] = []
        self.of_threads: list[Any] = []
        self._before: tuple[Any, Any] = sys.unraisablehook, threading.excepthook

    def begin(self) -> None:
        self._before = sys.unraisablehook, threading.excepthook
        if self._watches[0]:
            sys.unraisablehook = self.unraisable.append
        if self._watches[1]:
            threading.excepthook = self.of_threads.append

    def end(self) -> None:
        sys.unraisablehook, threading.excepthook = self._before

    def again(self) -> None:
        """Hand what was taken down to the hooks of now."""
        while self.unraisable:
            sys.unraisablehook(self.unraisable.pop(0))
        while self.of_threads:
            threading.excepthook(self.of_threads.pop(0))


def _reraised(runner: Any, config: pytest.Config) -> Any:
    """What ends the session in whatever phase it comes. Before pytest 9 it stands in the middle of ``call_and_report``."""
    known = getattr(runner, "get_reraise_exceptions", None)
    if known is not None:
        return known(config)
    return (pytest.exit.Exception,) if config.getoption("usepdb", False) else (pytest.exit.Exception, KeyboardInterrupt)


def _generator_function(wrapper: Any) -> Callable[[Any], Any]:
    return getattr(wrapper, "__wrapped__", wrapper)  # type: ignore[no-any-return]
