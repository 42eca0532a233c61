"""The fast lane: everything trun knows of pytest's private parts, in one file.

A qualifying item goes through pytest's own objects (``SetupState``, ``Function.runtest``, ``CallInfo``, ``makereport``)
without the hook dispatch around them, which does nothing for a test that simply passes. What pytest's own wrappers of
``pytest_runtest_*`` do is done here once per stretch of fast items where they would only do and undo it, and per
phase where a test can tell. Reports are built, by pytest's hooks, for whatever is not a plain pass.

A private attribute that is missing or of another shape is a *refusal*: the standard lane runs everything.
"""

from __future__ import annotations

import io
import logging
import os
import sys
import time
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker import facts, known, page

if TYPE_CHECKING:
    from trun_worker.runloop import RunLoop

#: Hooks that the lane does not dispatch for an item that passes.
_BYPASSED = (
    "pytest_runtest_protocol",
    "pytest_runtest_logstart",
    "pytest_runtest_logfinish",
    "pytest_runtest_setup",
    "pytest_runtest_call",
    "pytest_runtest_teardown",
    "pytest_runtest_makereport",
    "pytest_runtest_logreport",
    "pytest_report_teststatus",
)
#: Markers that pytest's own hooks act on before or after the test.
_MARKERS = frozenset({"skip", "skipif", "xfail", "filterwarnings"})
#: Options (by dest) under which pytest looks at every step of a test.
_OPTIONS = ("usepdb", "trace", "setuponly", "setupshow", "setupplan", "fulltrace", "stepwise")

Clock = time.perf_counter_ns


class FastLane:
    """Runs qualifying items. ``refusals`` names what stands against it; if there is any, nothing else may be called."""

    def __init__(self, session: pytest.Session, loop: RunLoop) -> None:
        self._session = session
        self._config = session.config
        self._loop = loop
        self._words = loop.page_words
        self._open_paths: dict[Any, tuple[tuple[known.Predicate, ...], bool]] = {}
        self._stretch: _Stretch | None = None
        self.refusals = list(self._refuse())

    def _refuse(self) -> list[str]:
        option = self._config.option
        found = [f"--{dest} is given" for dest in _OPTIONS if getattr(option, dest, False)]
        if option.tbstyle == "native":
            found.append("--tb=native shows every frame")
        if sys.version_info >= (3, 14):
            found.append("warnings are context-local from Python 3.14 on")
        try:
            self._parts = _Parts(self._config)
        except Exception as error:  # whatever shape pytest has there, the standard lane knows it
            found.append(f"this pytest is built differently ({type(error).__name__}: {error})")
        else:
            found += self._parts.refusals
        return found

    def qualifies(self, item: pytest.Item) -> bool:
        """Whether the lane does for this item all that pytest would do."""
        if type(item) is not pytest.Function:
            return False
        entry = self._open_paths.get(item.path)
        if entry is None:
            entry = self._open_paths[item.path] = _predicates(item.ihook, self._config)
        predicates, is_open = entry
        if not is_open or any(applies(item) for applies in predicates):
            return False
        return not any(mark.name in _MARKERS for mark in item.iter_markers())

    def leave(self) -> None:
        """Undo what the stretch set up: before standard items, and before waiting."""
        if self._stretch is not None:
            self._stretch.close()
            self._stretch = None

    def run(self, item: Any, nextitem: Any) -> None:
        """Run one item, from set-up to teardown, and deliver its result."""
        if self._stretch is None:
            self._stretch = _Stretch(self._config, self._parts)
        if not item._request:
            item._initrequest()
        stretch, words = self._stretch, self._words
        stretch.begin_item(item)
        item.stash[self._parts.tmppath_result_key] = {"setup": True, "call": True, "teardown": True}
        run = _ItemRun(item, self._loop, stretch, self._parts)
        assertion = self._parts.assertion_protocol(item)
        next(assertion)
        setup = call = 0
        try:
            started = Clock()
            ok = run.phase("setup", self._parts.setup, item)
            setup = Clock() - started
            if ok:
                words[page.SINCE] = started = Clock()
                words[page.PHASE] = page.CALL
                run.phase("call", run.call)
                call = Clock() - started
            if self._session.shouldfail or self._session.shouldstop:
                nextitem = None
            words[page.SINCE] = started = Clock()
            words[page.PHASE] = page.TEARDOWN
            run.phase("teardown", self._parts.teardown, item, nextitem)
            teardown = Clock() - started
        finally:
            item._request = False
            item.funcargs = None
            assertion.close()
            stretch.end_item(item)
        if run.plain and not self._loop.has_extra:
            self._loop.passed(setup, call, teardown)
        else:
            self._loop.deliver(item.nodeid, setup, call, teardown)


class _ItemRun:
    """One item's way through its phases."""

    def __init__(self, item: Any, loop: RunLoop, stretch: _Stretch, parts: _Parts) -> None:
        self.plain = True
        self._item = item
        self._loop = loop
        self._stretch = stretch
        self._parts = parts
        self._markers = len(item.own_markers) + len(item.parent.own_markers)

    def phase(self, when: Any, function: Callable[..., Any], *args: Any) -> bool:
        """Run one phase as ``CallInfo.from_call`` does; report it if there is anything to say. Returns whether it passed."""
        item, stretch, parts = self._item, self._stretch, self._parts
        stretch.begin_phase(item, when)
        excinfo = None
        started = Clock()
        try:
            function(*args)
            if parts.unraisable or parts.thread_exceptions:
                parts.collect_strays(self._item.config)
        except parts.reraise:
            stretch.end_phase(item, when)
            raise
        except BaseException as error:
            trace = error.__traceback__
            # This frame is trun's; pytest's tracebacks begin below it.
            excinfo = parts.from_exc_info((type(error), error, trace.tb_next if trace else None))
        stopped = Clock()
        stretch.end_phase(item, when)
        if excinfo or item._report_sections or item.user_properties or self._loop.reports or not self.plain:
            return self._report(when, excinfo, stopped - started)
        return True

    def call(self) -> None:
        """The call, with what pytest's skipping plugin does for xfail markers that came during set-up or the call."""
        item, parts = self._item, self._parts
        if self._markers_changed():
            xfailed = item.stash[parts.xfailed_key] = parts.evaluate_xfail(item)
            if xfailed and not item.config.option.runxfail and not xfailed.run:
                raise pytest.xfail.Exception("[NOTRUN] " + xfailed.reason, pytrace=False)
        try:
            parts.call(item)
        finally:
            if self._markers_changed():
                self.plain = False
                if item.stash.get(parts.xfailed_key, None) is None:
                    item.stash[parts.xfailed_key] = parts.evaluate_xfail(item)

    def _markers_changed(self) -> bool:
        return len(self._item.own_markers) + len(self._item.parent.own_markers) != self._markers

    def _report(self, when: Any, excinfo: Any, nanoseconds: int) -> bool:
        self.plain = False
        item, parts = self._item, self._parts
        stop = time.time()
        duration = nanoseconds / 1e9
        call = parts.call_info(None, excinfo, stop - duration, stop, duration, when, _ispytest=True)
        hooks = item.ihook
        report = hooks.pytest_runtest_makereport(item=item, call=call)
        hooks.pytest_runtest_logreport(report=report)
        if parts.is_interactive(call, report):
            hooks.pytest_exception_interact(node=item, call=call, report=report)
        return bool(report.passed)


class _Parts:
    """pytest's private parts, fetched once. Any of them missing raises, which refuses the lane."""

    def __init__(self, config: pytest.Config) -> None:
        from _pytest import assertion, logging, runner, skipping, threadexception, tmpdir, unraisableexception
        from _pytest import warnings as warnings_plugin
        from _pytest._code import ExceptionInfo

        self.setup = runner.pytest_runtest_setup
        self.call = runner.pytest_runtest_call
        self.teardown = runner.pytest_runtest_teardown
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
        self._collect_unraisable = unraisable.collect_unraisable
        self._collect_thread = threads.collect_thread_exception

    def collect_strays(self, config: pytest.Config) -> None:
        """Raise or warn of exceptions that had nowhere to go, as pytest's two plugins do after each phase."""
        if self.thread_exceptions:
            self._collect_thread(config)
        if self.unraisable:
            self._collect_unraisable(config)


class _Stretch:
    """A run of consecutive fast items: capture resumed, log handlers on, warnings caught, until ``close``."""

    def __init__(self, config: pytest.Config, parts: _Parts) -> None:
        self._parts = parts
        self._capture = parts.capture
        self._global = parts.capture._global_capturing
        self._files = _written_probes(self._global)
        self._streams = _streams(self._global)
        self._logging = parts.logging
        self._root = logging.getLogger()
        self._catching = parts.catch_warnings(config=config, ihook=config.hook, when="runtest", item=None)
        self._catching.__enter__()
        self._warning_filters: list[Any] = getattr(warnings, "filters")  # noqa: B009 (typeshed hides it)
        self._filters = list(self._warning_filters)
        self._show = warnings._showwarnmsg_impl  # type: ignore[attr-defined]
        self._log: list[Any] = self._show.__self__
        self._capture.resume_global_capture()

    def close(self) -> None:
        self._capture.suspend_global_capture(in_=False)
        self._remove_handlers()
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

    def end_item(self, item: Any) -> None:
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

    def begin_phase(self, item: Any, when: str) -> None:
        for source, target, name in self._streams:
            if target is not None:
                os.dup2(source.fileno(), target)
            setattr(sys, name, source)
        if self._capture._capture_fixture:
            self._capture.activate_fixture()
        if self._logging is not None:
            self._begin_logging(item, when)

    def end_phase(self, item: Any, when: str) -> None:
        if self._capture._capture_fixture:
            self._capture.deactivate_fixture()
        for written in self._files:
            if written():
                out, err = self._capture.read_global_capture()
                item.add_report_section(when, "stdout", out)
                item.add_report_section(when, "stderr", err)
                break
        if self._logging is not None and self._logging.report_handler.records:
            item.add_report_section(when, "log", self._logging.report_handler.stream.getvalue().strip())

    def _begin_logging(self, item: Any, when: str) -> None:
        caplog, report = self._logging.caplog_handler, self._logging.report_handler
        for handler in (caplog, report):
            if handler.records:
                handler.stream = io.StringIO()
            handler.records = []
            if handler not in self._root.handlers:
                self._root.addHandler(handler)
            for logger in self._root.manager.loggerDict.values():
                if getattr(logger, "propagate", True) is False and handler not in logger.handlers:  # type: ignore[union-attr]
                    logger.addHandler(handler)  # type: ignore[union-attr]
        item.stash[self._parts.records_key][when] = caplog.records

    def _remove_handlers(self) -> None:
        if self._logging is None:
            return
        for handler in (self._logging.caplog_handler, self._logging.report_handler):
            for logger in (self._root, *self._root.manager.loggerDict.values()):
                if isinstance(logger, logging.Logger) and handler in logger.handlers:
                    logger.removeHandler(handler)


def _generator_function(wrapper: Any) -> Callable[[Any], Any]:
    return getattr(wrapper, "__wrapped__", wrapper)  # type: ignore[no-any-return]


def _written_probes(capture: Any) -> list[Callable[[], Any]]:
    """For stdout and stderr, a function that says whether anything was written since the last read."""
    probes: list[Callable[[], Any]] = []
    for stream in (capture.out, capture.err):
        if stream is None:
            continue
        if hasattr(stream, "targetfd"):
            # The size, not the offset: a test may have written through a descriptor that it opened itself.
            probes.append(lambda fd=stream.tmpfile.fileno(): os.lseek(fd, 0, os.SEEK_END))  # type: ignore[misc]
        else:
            probes.append(stream.tmpfile.tell)
    return probes


def _streams(capture: Any) -> list[tuple[Any, int | None, str]]:
    """(file, descriptor, name in sys): what resuming capture points at the files, if a test pointed it elsewhere."""
    found: list[tuple[Any, int | None, str]] = []
    for stream, name in ((capture.out, "stdout"), (capture.err, "stderr")):
        if stream is not None:
            found.append((stream.tmpfile, getattr(stream, "targetfd", None), name))
    return found


def _predicates(hooks: Any, config: pytest.Config) -> tuple[tuple[known.Predicate, ...], bool]:
    """Predicates of known implementations around a test at one path, and whether there are no unknown ones."""
    distributions = facts.Distributions(config)
    found = []
    for name in _BYPASSED:
        for implementation in getattr(hooks, name).get_hookimpls():
            if not facts.beyond_pytest(implementation):
                continue
            distribution, _ = distributions.of(implementation.plugin)
            predicate = known.HARMLESS.get((distribution, name))
            if predicate is None:
                return (), False
            found.append(predicate)
    return tuple(found), True
