"""Tests as the controller's hooks see them: pytest's reports, of what workers said and of plain passes, which nobody said."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.clock import CLOCK
from trun_worker.plugins import known_plugins, report_notes
from trun_worker.reports import warning_record
from trun_worker.wire import carrier
from trun_worker.wire.wire_text import crossing

if TYPE_CHECKING:
    from _pytest.config import Config

    from trun_worker.host.nodes import CrashScheduler, Node

#: Where an item is and what it is called by: (file, line, domain) and keywords.
Described = tuple[tuple[str, "int | None", str], list[str]]


class HostEvents:
    """Calls the hooks of one run. ``session`` is set when it starts."""

    def __init__(self, config: Config, testrunuid: str) -> None:
        self._config = config
        self._hook: Any = config.hook
        self._testrunuid = testrunuid
        self._described: dict[str, Described] = {}
        #: By wire id, where that may be another text.
        self._nodeids: dict[str, str] = {}
        self._broken: set[Any] = set()
        self._of_passes = known_plugins.attributes_of_passes(config)
        self._epoch = CLOCK.seconds() - CLOCK.nanoseconds() / 1e9
        self.ids: list[str] = []
        self.session: pytest.Session | None = None

    def collected(self, ids: list[str]) -> None:
        self.ids = ids
        if self.session is not None:
            self.session.testscollected = len(ids)

    # -- what a worker says between its tests

    def tell(self, node: Node, events: list[list[Any]]) -> None:
        for kind, value in events:
            if kind == "items":
                self._described.update((nodeid, (tuple(location), keywords)) for nodeid, location, keywords in value)
                self._nodeids.update((crossing(nodeid), nodeid) for nodeid, _, _ in value if not nodeid.isascii())
            else:
                self._call(node, kind, value, -1)

    def _call(self, node: Node, kind: str, value: Any, item: int) -> None:
        if kind == "report":
            self._hook.pytest_runtest_logreport(report=self._report(node, value, item))
        elif kind in ("logstart", "logfinish"):
            getattr(self._hook, f"pytest_runtest_{kind}")(nodeid=value[0], location=tuple(value[1]))
        elif kind == "collectreport":
            self._collectreport(node, value)
        elif kind == "warning":
            self._warning(value)

    def _report(self, node: Node, data: dict[str, Any], item: int) -> Any:
        notes = data.pop("$notes", None)
        data.update(item_index=item, worker_id=node.gateway.id, testrun_uid=self._testrunuid)
        report = self._hook.pytest_report_from_serializable(config=self._config, data=data)
        if notes:
            report_notes.restore(report, notes)
        report.node = node
        return report

    def _collectreport(self, node: Node, data: dict[str, Any]) -> None:
        report = self._hook.pytest_report_from_serializable(config=self._config, data=data)
        # Every worker that collects all says it.
        key = (report.nodeid, str(report.longrepr))
        if key not in self._broken:
            self._broken.add(key)
            self._hook.pytest_collectreport(report=report)

    def _warning(self, value: list[Any]) -> None:
        record, when, nodeid, location = value
        message = warning_record.restore(record)
        place = None if location is None else tuple(location)
        kwargs = {"warning_message": message, "when": when, "nodeid": nodeid, "location": place}
        self._hook.pytest_warning_recorded.call_historic(kwargs=kwargs)

    # -- tests

    def tested(self, node: Node | None, test: list[Any]) -> None:
        """[index, slot, started, setup, call, teardown, what the worker said]: times in nanoseconds, the last "" for a plain
        pass."""
        if node is None:
            return
        index, _, started, *durations, text = test
        nodeid = self._nodeid(self.ids[index])
        if not text:
            self._passed(node, index, nodeid, started, durations)
            return
        events = carrier.unpack(text)
        self._complete(node, index, nodeid, started, durations, events)

    def _passed(self, node: Node, index: int, nodeid: str, started: int, durations: list[int]) -> None:
        location, _ = self._describe(nodeid)
        hook = self._hook
        hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        for when, duration in zip(("setup", "call", "teardown"), durations):
            hook.pytest_runtest_logreport(report=self._pass(node, index, nodeid, when, started, duration))
            started += duration
        hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)

    def _complete(
        self, node: Node, index: int, nodeid: str, started: int, durations: list[int], events: list[list[Any]]
    ) -> None:
        """Call for what was said, and for the phases that passed without a word in the fast lane."""
        location, _ = self._describe(nodeid)
        said = {kind for kind, _ in events}
        if "logstart" in said:
            for kind, value in events:
                self._call(node, kind, value, index)
            return
        self._hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        reports = [value for kind, value in events if kind == "report"]
        for report in self._in_order(node, index, nodeid, started, durations, reports):
            self._hook.pytest_runtest_logreport(report=report)
        self._hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)
        for kind, value in events:
            if kind != "report":
                self._call(node, kind, value, index)

    def _in_order(
        self, node: Node, index: int, nodeid: str, started: int, durations: list[int], reports: list[dict[str, Any]]
    ) -> list[Any]:
        found = []
        for when, duration in zip(("setup", "call", "teardown"), durations):
            own = [data for data in reports if data.get("when") == when]
            found += [self._report(node, data, index) for data in own]
            if not own and (when != "call" or duration):
                found.append(self._pass(node, index, nodeid, when, started, duration))
            started += duration
        return found

    def _pass(self, node: Node, index: int, nodeid: str, when: Any, started: int, duration: int) -> Any:
        location, keywords = self._describe(nodeid)
        begin = self._epoch + started / 1e9
        took = duration / 1e9
        report: Any = pytest.TestReport(
            nodeid, location, dict.fromkeys(keywords, 1), "passed", None, when, [], took, begin, begin + took, []
        )
        # As on a report that has come from a worker.
        vars(report)["$report_type"] = "TestReport"
        report.item_index, report.worker_id, report.testrun_uid = index, node.gateway.id, self._testrunuid
        report.node = node
        for name, value in self._of_passes.get(when, {}).items():
            setattr(report, name, copy.copy(value))
        return report

    def _nodeid(self, wire_id: str) -> str:
        return self._nodeids.get(wire_id, wire_id)

    def _describe(self, nodeid: str) -> Described:
        found = self._described.get(nodeid)
        if found is None:
            path = nodeid.partition("::")[0]
            found = ((path, None, nodeid.partition("::")[2]), [])
        return found

    def begun(self, wire_id: str) -> None:
        """A test began that had no end."""
        nodeid = self._nodeid(wire_id)
        location, _ = self._describe(nodeid)
        self._hook.pytest_runtest_logstart(nodeid=nodeid, location=location)

    def failed(self, node: Node | None, wire_id: str, text: str) -> None:
        """trun's own verdict on a test that pytest's reports call passed."""
        nodeid = self._nodeid(wire_id)
        location, keywords = self._describe(nodeid)
        report: Any = pytest.TestReport(nodeid, location, dict.fromkeys(keywords, 1), "failed", text, "teardown")
        report.node = node
        self._hook.pytest_runtest_logreport(report=report)

    def crashed(self, node: Node, nodeid: str, text: str, sched: CrashScheduler) -> list[str]:
        """The worker died in that test. Category, letter and word of the report on it."""
        path = nodeid.partition("::")[0]
        when: Any = "???"
        report: Any = pytest.TestReport(nodeid, (path, None, path), {}, "failed", text, when)
        report.node = node
        self._hook.pytest_handlecrashitem(crashitem=nodeid, report=report, sched=sched)
        self._hook.pytest_runtest_logreport(report=report)
        status = self._hook.pytest_report_teststatus(report=report, config=self._config)
        return [str(part[0] if isinstance(part, tuple) else part) for part in status]
