"""What a worker says to the plugin host: how it started, what it collected, and of each test what is more than a plain pass."""

from __future__ import annotations

import os
import platform
import sys
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.plugins import known_plugins, report_notes
from trun_worker.reports import warning_record
from trun_worker.reports.cutting import Cutter
from trun_worker.wire import carrier

if TYPE_CHECKING:
    import warnings
    from collections.abc import Sequence

    from _pytest.config import Config
    from _pytest.reports import CollectReport, TestReport

    from trun_worker.wire.channel import Channel
    from trun_worker.worker.link import WorkerLink

#: What every report has. One that has more was told something by a plugin.
_PLAIN = frozenset(
    "_id nodeid location keywords outcome longrepr when user_properties sections duration start stop".split()
)

Event = tuple[str, Any]

#: So many at a time: a frame holds no whole suite.
_ITEMS = 5000


class HostVoice:
    """Plugin of a worker whose run has a host that hears of tests."""

    def __init__(self, config: Config, channel: Channel, cutter: Cutter) -> None:
        self._config = config
        self._channel = channel
        self._cutter = cutter
        self._events: list[Event] = []
        self._in_test = False
        self._nodeid = ""
        self._of_passes = known_plugins.attributes_of_passes(config)

    # -- between tests: said at once

    def _say(self, event: Event) -> None:
        self._channel.send({"t": "relay", "text": self._packed([event])})

    def items(self, items: Sequence[pytest.Item]) -> None:
        """Where each item is and what it is called by: the host makes the reports of plain passes."""
        for start in range(0, len(items), _ITEMS):
            part = items[start : start + _ITEMS]
            told = [(item.nodeid, item.location, list(item.keywords)) for item in part]
            self._channel.send({"t": "relay", "text": carrier.pack([("items", told)])})

    def pytest_collectreport(self, report: CollectReport) -> None:
        if not report.passed:
            self._say(("collectreport", self._data(report)))

    # -- in a test: kept until it is over

    def begin(self, nodeid: str) -> None:
        self._in_test = True
        self._nodeid = nodeid

    def pytest_runtest_logstart(self, nodeid: str, location: Any) -> None:
        self._keep(("logstart", (nodeid, location)))

    def pytest_runtest_logfinish(self, nodeid: str, location: Any) -> None:
        self._keep(("logfinish", (nodeid, location)))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: TestReport) -> None:
        self._keep(("report", report))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        self._keep(("warning", (warning_record.describe(warning_message), when, nodeid, location)))

    def _keep(self, event: Event) -> None:
        if self._in_test:
            self._events.append(event)
        else:
            self._say((event[0], self._data(event[1]) if event[0] == "report" else event[1]))

    def is_plain(self) -> bool:
        """Whether the host can make by itself what was said of a test that pytest's words call a plain pass."""
        return all(
            kind in ("logstart", "logfinish") or (kind == "report" and self._is_as_made_there(value))
            for kind, value in self._events
        )

    def _is_as_made_there(self, report: TestReport) -> bool:
        more = {name: value for name, value in vars(report).items() if name not in _PLAIN}
        return more == self._of_passes.get(str(report.when), {}) and not report_notes.take(report)

    def take(self, plain: bool) -> str:
        """What was said of the test, which is over; "" for nothing, or all of a ``plain`` pass."""
        events, self._events = self._events, []
        self._in_test = False
        if plain or not events:
            return ""
        return self._packed([(kind, self._data(value) if kind == "report" else value) for kind, value in events])

    def _packed(self, events: list[Event]) -> str:
        """With texts cut only where all is not short anyhow."""
        text = carrier.pack(events)
        return carrier.pack(self._cutter.cut(carrier.plain(events))) if self._cutter.may_cut(len(text)) else text

    def _data(self, report: Any) -> Any:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        notes = report_notes.take(report)
        return {**data, "$notes": notes} if notes else data


def of_worker(config: Config, link: WorkerLink) -> HostVoice | None:
    """The voice of the process that this is by now; None if nobody would listen."""
    manager = config.pluginmanager
    if manager.hasplugin("trun-voice"):
        manager.unregister(name="trun-voice")
    if not link.start["want"]["host"]:
        return None
    made = HostVoice(config, link.channel, Cutter(int(link.start["section_limit"])))
    manager.register(made, "trun-voice")
    return made


def info(link: WorkerLink) -> str:
    """What ``node.workerinfo`` holds of this process, and where its journal lies; "" where there is no host."""
    if not link.start["host"]:
        return ""
    return carrier.pack(
        {
            "version": sys.version,
            "version_info": tuple(sys.version_info),
            "sysplatform": sys.platform,
            "platform": platform.platform(),
            "executable": sys.executable,
            "cwd": os.getcwd(),
            "journals": link.journals,
        }
    )


def output(config: Config | None, session: pytest.Session | None, code: int) -> str:
    """``workeroutput`` as xdist sends it."""
    given = getattr(config, "workeroutput", None)
    if given is None:
        return ""
    shouldfail = getattr(session, "shouldfail", False)
    shouldstop = getattr(session, "shouldstop", False)
    return carrier.pack({"exitstatus": code, "shouldfail": shouldfail, "shouldstop": shouldstop, **given})
