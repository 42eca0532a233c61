"""One item's way through its phases in the fast lane: what pytest's ``runtestprotocol`` does for it.

Each phase is run as ``CallInfo.from_call`` does. What is more than a plain pass, pytest's own hooks report; what would show
pytest's runner, or exceptions that had nowhere to go, pytest raises again itself (replay.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.clock import CLOCK
from trun_worker.run import replay
from trun_worker.run.dispatch import Plan
from trun_worker.run.fast_batch import FastBatch
from trun_worker.run.pytest_internals import PytestInternals
from trun_worker.run.tracebacks import is_unseen, unseen

if TYPE_CHECKING:
    from trun_worker.run.run_loop import RunLoop


class ItemRun:
    """``plain``, once it is over: nothing but passes, of which nobody has had a report."""

    def __init__(
        self,
        item: Any,
        loop: RunLoop,
        stretch: FastBatch,
        parts: PytestInternals,
        plan: Plan,
        has_changed: Callable[[], bool],
    ) -> None:
        self.plain = not plan.reports
        self._plan = plan
        self._item = item
        self._loop = loop
        self._stretch = stretch
        self._parts = parts
        self._has_changed = has_changed
        self._call_took: int | None = None  # nanoseconds, of a call that passed and was not reported
        self._is_unittest = isinstance(item, parts.unittest_item)
        self._markers = len(item.own_markers) + len(item.parent.own_markers)

    def setup(self) -> bool:
        if "setup" in self._plan.around:
            return self._dispatch("setup")
        return self._phase("setup", self._plan.inside.get("setup", self._parts.setup), self._item)

    def call(self) -> None:
        if "call" in self._plan.around or self._has_changed():
            self._dispatch("call")
        else:
            self._phase("call", self._run)

    def teardown(self, nextitem: Any) -> None:
        if "teardown" in self._plan.around or self._has_changed():
            self._dispatch("teardown", nextitem=nextitem)
        else:
            self._phase("teardown", self._plan.inside.get("teardown", self._parts.teardown), self._item, nextitem)

    def log(self, hook: str) -> None:
        """``pytest_runtest_logstart`` or ``logfinish``."""
        getattr(self._item.ihook, hook)(nodeid=self._item.nodeid, location=self._item.location)
        self._stretch.let_out()

    def _phase(self, when: Any, function: Callable[..., Any], *args: Any) -> bool:
        """Run one phase as ``CallInfo.from_call`` does; report it if there is anything to say. Returns whether it passed."""
        item, stretch, parts = self._item, self._stretch, self._parts
        stretch.begin_phase(item, when)
        excinfo = None
        started = CLOCK.nanoseconds()
        try:
            function(*args)
        except parts.reraise:
            stretch.end_phase(item, when)
            if when == "teardown" and self.plain and self._call_took is not None:
                self._report("call", None, self._call_took)  # pytest has reported it by now
            raise
        except BaseException as error:
            trace = error.__traceback__
            # This frame is trun's; pytest's tracebacks begin below it.
            assert trace is not None
            trace = trace.tb_next or trace
            while parts.groups_are_native and is_unseen(trace.tb_frame) and trace.tb_next:
                trace = trace.tb_next
            excinfo = parts.from_exc_info((type(error), error, trace))
        stopped = CLOCK.nanoseconds()
        try:
            stretch.end_phase(item, when)
        except (OSError, ValueError) as error:  # the test has closed what it prints to: pytest lets it fail for that
            excinfo = excinfo or pytest.ExceptionInfo.from_exception(error)
            self._loop.mend_streams()
            stretch.mended()
        if parts.unraisable or parts.thread_exceptions or (excinfo and self._shows_the_runner(when, excinfo)):
            return self._replay(when, excinfo, args)
        has_more = item._report_sections or item.user_properties or self._loop.reports or self._has_changed()
        # What unittest catches, pytest takes from there when it makes the report.
        has_more = has_more or (self._is_unittest and item._excinfo) or any(more() for more in self._plan.afterwards)
        if excinfo or has_more or not self.plain:
            return self._report(when, excinfo, stopped - started)
        if when == "call":
            self._call_took = stopped - started
        return True

    def _dispatch(self, when: Any, **kwds: Any) -> bool:
        """Run one phase through pytest's dispatch: somebody listens around it, or plugins have come or gone in the middle of the
        item. Returns whether it passed."""
        self.plain = False
        with self._stretch.set_aside(self._item, replayed=False):
            report = self._parts.call_and_report(self._item, when, **kwds)
        return bool(report.passed)

    @unseen
    def _run(self) -> None:
        """The call, with what pytest's skipping plugin does for xfail markers that came during set-up or the call."""
        __tracebackhide__ = True
        item, parts = self._item, self._parts
        if "xfail" in self._plan.markers or self._markers_changed():
            xfailed = item.stash.get(parts.xfailed_key, None) or parts.evaluate_xfail(item)
            item.stash[parts.xfailed_key] = xfailed
            if xfailed and not item.config.option.runxfail and not xfailed.run:
                raise pytest.xfail.Exception("[NOTRUN] " + xfailed.reason, pytrace=False)
        try:
            self._plan.inside.get("call", parts.call)(item)
        finally:
            if self._markers_changed():
                self.plain = False
                if item.stash.get(parts.xfailed_key, None) is None:
                    item.stash[parts.xfailed_key] = parts.evaluate_xfail(item)

    def _markers_changed(self) -> bool:
        return len(self._item.own_markers) + len(self._item.parent.own_markers) != self._markers

    def _spares_text(self, error: BaseException) -> bool:
        """Whether pytest's skipping plugin makes an expected failure of this, of which nobody sees the traceback: most of what
        one costs is to render it."""
        item = self._item
        if self._loop.shows_xfails or self._plan.heard or self._has_changed() or item.config.option.runxfail:
            return False
        if self._is_unittest or getattr(type(item), "repr_failure", None) is not pytest.Function.repr_failure:
            return False
        xfailed = item.stash.get(self._parts.xfailed_key, None)
        return bool(xfailed) and (xfailed.raises is None or _is_one_of(error, xfailed.raises))

    def _shows_the_runner(self, when: str, excinfo: Any) -> bool:
        if getattr(excinfo.value, "_use_item_location", False):  # a skip, of which no traceback is shown
            return False
        if self._parts.shows_all_frames:
            return replay.below(excinfo.tb, self._parts.code_of[when]) is not None
        if self._parts.groups_are_native and hasattr(excinfo.value, "exceptions"):
            return False
        if not isinstance(self._item, pytest.Function):
            return True
        return replay.shows_only_the_runner(excinfo, self._parts.filter_traceback)

    def _replay(self, when: Any, excinfo: Any, args: tuple[Any, ...]) -> bool:
        """Leave it to pytest to raise or to warn of exceptions that had nowhere to go, and to show its own frames."""
        self.plain = False
        parts = self._parts
        error = trace = None
        if excinfo:
            error, trace = excinfo.value, replay.below(excinfo.tb, parts.code_of[when]) or excinfo.tb
        kwds = {"nextitem": args[1]} if when == "teardown" else {}
        with self._stretch.set_aside(self._item, replayed=True):
            report = replay.replay(self._item, when, error, trace, parts, **kwds)
        return bool(report.passed)

    def _report(self, when: Any, excinfo: Any, nanoseconds: int) -> bool:
        self.plain = False
        item, parts = self._item, self._parts
        stop = CLOCK.seconds()
        duration = nanoseconds / 1e9
        call: Any = parts.call_info(None, excinfo, stop - duration, stop, duration, when, _ispytest=True)
        relay = item.ihook
        spares = excinfo and when == "call" and self._spares_text(excinfo.value)
        if spares:
            item.repr_failure = pytest.ExceptionInfo.exconly
        report = relay.pytest_runtest_makereport(item=item, call=call)
        if spares:
            del item.repr_failure
        if self._plan.logreport is None or self._has_changed():
            relay.pytest_runtest_logreport(report=report)
        else:
            self._plan.logreport(report)
        if parts.is_interactive(call, report):
            relay.pytest_exception_interact(node=item, call=call, report=report)
        self._stretch.let_out()
        return bool(report.passed)


def _is_one_of(error: BaseException, raises: Any) -> bool:
    """``raises`` may be a matcher of pytest's, too, which is not asked twice."""
    return isinstance(raises, (type, tuple)) and isinstance(error, raises)
