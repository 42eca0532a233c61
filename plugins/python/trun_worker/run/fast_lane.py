"""The fast lane: runs a test without the dispatch of hooks to which nobody beyond pytest listens (dispatch.py).

A qualifying item goes through pytest's own objects (``SetupState``, ``Function.runtest``, ``CallInfo``, ``makereport``)
without the hook dispatch around them, which does nothing for a test that simply passes. What pytest's own wrappers of
``pytest_runtest_*`` do is done here once per stretch of fast items where they would only do and undo it, and per
phase where a test can tell. Reports are built, by pytest's hooks, for whatever is not a plain pass.

A private attribute that is missing or of another shape is a *refusal*: the standard lane runs everything.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.clock import CLOCK
from trun_worker.collection.locations import Locations
from trun_worker.plugins import hooks
from trun_worker.run.dispatch import Listeners, Plan
from trun_worker.run.fast_batch import FastBatch
from trun_worker.run.item_run import ItemRun
from trun_worker.run.plugin_registry import PluginRegistry
from trun_worker.run.pytest_internals import PytestInternals
from trun_worker.wire import status_page

if TYPE_CHECKING:
    from trun_worker.run.run_loop import RunLoop

#: Options (by dest) under which pytest looks at every step of a test.
_OPTIONS = ("usepdb", "trace", "setuponly", "setupshow", "setupplan", "fulltrace", "stepwise")


class FastLane:
    """Runs qualifying items. ``refusals`` names what stands against it; if there is any, nothing else may be called."""

    def __init__(self, session: pytest.Session, loop: RunLoop) -> None:
        self._session = session
        self._config = session.config
        self._loop = loop
        self._page = loop.page
        self._distributions = hooks.Distributions(session.config)
        self._listeners: dict[Any, Listeners] = {}
        self._plan = Plan()
        self._locations = Locations()
        self._stretch: FastBatch | None = None
        self._registry = PluginRegistry.of(session.config)
        self._version = self._registry.version()
        self.refusals = list(self._refuse())

    @classmethod
    def of(cls, session: pytest.Session, loop: RunLoop, wanted: str) -> tuple[FastLane | None, list[str]]:
        """The lane, if it is ``wanted`` and nothing stands against it, and what does."""
        if wanted == "standard":
            return None, []
        lane = cls(session, loop)
        return (None if lane.refusals else lane), lane.refusals

    def _refuse(self) -> list[str]:
        option = self._config.option
        found = [f"--{dest} is given" for dest in _OPTIONS if getattr(option, dest, False)]
        if getattr(sys.flags, "context_aware_warnings", False):  # from Python 3.14 on, where asked for or free-threaded
            found.append("warnings are context-local (-X context_aware_warnings)")
        try:
            self._parts = PytestInternals(self._config)
        except Exception as error:  # whatever shape pytest has there, the standard lane knows it
            found.append(f"this pytest is built differently ({type(error).__name__}: {error})")
        else:
            found += self._parts.refusals
        return found

    def qualifies(self, item: pytest.Item) -> bool:
        """Whether the lane does for this item all that pytest would do."""
        if self.has_changed():
            self._look_again()
        if self.refusals:
            return False
        listeners = self._listeners.get(item.path)
        if listeners is None:
            listeners = self._listeners[item.path] = Listeners(item.ihook, self._config, self._distributions)
        # Items of others show the runner's frames if they do not say otherwise, and no stand-in's.
        if not isinstance(item, (pytest.Function, self._parts.doctest_item)):
            self._plan = Plan(f"{type(item).__name__} items")
        elif self._parts.treats_apart(item):
            self._plan = Plan("twisted.trial is loaded: pytest treats its failures apart")
        else:
            self._plan = listeners.plan(item)
        if self._plan.standard:
            self._loop.standard.add(self._plan.standard)
        return not self._plan.standard

    def has_changed(self) -> bool:
        """Whether plugins have come or gone since the lane looked at the hooks."""
        return self._registry.version() != self._version

    def _look_again(self) -> None:
        """A test or a fixture has registered a plugin, or taken one out."""
        self.leave()
        self._listeners.clear()
        self._version = self._registry.version()
        self.refusals = list(self._refuse())

    def leave(self) -> None:
        """Undo what the stretch set up: before standard items, and before waiting."""
        if self._stretch is not None:
            self._stretch.close()
            self._stretch = None

    def run(self, item: Any, nextitem: Any) -> None:
        """Run one item that qualifies, from set-up to teardown, and deliver its result."""
        if self._stretch is None:
            self._stretch = FastBatch(self._config, self._parts)
        if not item._request:
            item._initrequest()
        stretch, status = self._stretch, self._page
        stretch.begin_item(item, "filterwarnings" in self._plan.markers)
        item.stash[self._parts.tmppath_result_key] = {"setup": True, "call": True, "teardown": True}
        if self._plan.logs or self._plan.reports:
            self._locations.find(item)
        run = ItemRun(item, self._loop, stretch, self._parts, self._plan, self.has_changed)
        assertion = self._parts.assertion_protocol(item)
        next(assertion)
        setup = call = 0
        try:
            if self._plan.logs:
                run.log("pytest_runtest_logstart")
            started = CLOCK.nanoseconds()
            ok = run.setup()
            setup = CLOCK.nanoseconds() - started
            if ok:
                if self._loop.leaks is not None:
                    self._loop.leaks.fixture_ended()
                words = status.words
                words[status_page.SINCE] = started = CLOCK.nanoseconds()
                words[status_page.PHASE] = status_page.CALL
                run.call()
                call = CLOCK.nanoseconds() - started
            if self._session.shouldfail or self._session.shouldstop:
                nextitem = None
            words = status.words
            words[status_page.SINCE] = started = CLOCK.nanoseconds()
            words[status_page.PHASE] = status_page.TEARDOWN
            run.teardown(nextitem)
            teardown = CLOCK.nanoseconds() - started
            if self._plan.logs:
                run.log("pytest_runtest_logfinish")
        finally:
            item._request = False
            had_fixtures = bool(item.funcargs)
            item.funcargs = None
            assertion.close()
            stretch.end_item(item)
            if had_fixtures:
                stretch.let_out()
        self._loop.over(run.plain, setup, call, teardown)
