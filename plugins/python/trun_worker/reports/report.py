"""pytest's reports as frames: rendered to text here, because only pytest knows how.

The texts are those that pytest's terminal prints, at the width and with the colours that the handshake asked for.
"""

from __future__ import annotations

import errno
import io
import os
from typing import TYPE_CHECKING, Any, Union

from _pytest import terminal
from _pytest._io import TerminalWriter

from trun_worker.clock import plausible
from trun_worker.collection.locations import line_number
from trun_worker.plugins import hooks
from trun_worker.reports.cutting import Cutter
from trun_worker.reports.import_hint import hint
from trun_worker.wire.channel import Frame

if TYPE_CHECKING:
    import pytest
    from _pytest.config import Config
    from _pytest.reports import CollectReport, TestReport

    Report = Union[TestReport, CollectReport]


_LETTERS = {"passed": ".", "skipped": "s"}
_PHASES = ("setup", "call", "teardown")
_PASSED_CALL = {"when": "call", "outcome": "passed", "category": "passed", "letter": ".", "word": "PASSED"}
_NO_STATUS = ("", "", "")
_PLAIN_STATUS = {"call": ("passed", ".", "PASSED")}

_IN_USE = os.strerror(errno.EADDRINUSE)
_ABOUT_PORTS = (
    "Somebody else has this port. trun_port gives each test one of its own; with --network=namespace each worker has a network "
    "of its own, and ports that are written into the tests do not collide.\n"
)


class Renderer:
    """Renders reports for one run: ``columns`` wide, with a coloured variant if ``color``."""

    def __init__(self, config: Config, columns: int, color: bool, cutter: Cutter) -> None:
        self.config = config
        self.cutter = cutter
        self._columns = columns
        self._color = color
        self.network = "host"
        #: How long the phase of a report took by trun's clock, nanoseconds, by the report's ``id``.
        self.took: dict[int, int] = {}
        # Since pytest 9: the line of a failure whose longrepr is a string.
        line: Any = getattr(terminal, "_get_line_with_reprcrash_message", None)
        self._quotes_text = line is None or "isinstance" in line.__code__.co_names
        #: Known with the first report: who implements that hook may be registered while pytest configures.
        self._custom_status: bool | None = None

    def says_nothing(self, report: TestReport) -> bool:
        """Whether a report says nothing but "this phase passed", in pytest's own words."""
        if not is_plain_pass(report):
            return False
        if self._custom_status is None:
            self._custom_status = bool(hooks.foreign(self.config.hook.pytest_report_teststatus))
        return not self._custom_status or self._status(report) == _PLAIN_STATUS.get(str(report.when), _NO_STATUS)

    def is_plain_pass(self, reports: list[TestReport]) -> bool:
        """Whether a test's reports are those of three phases that simply passed."""
        return [report.when for report in reports] == list(_PHASES) and all(map(self.says_nothing, reports))

    def frames(self, reports: list[TestReport], call: int, attributes: list[list[str]]) -> list[Frame]:
        """A test's reports, less set-up and teardown that simply passed. ``attributes`` go to the last."""
        shown = [report for report in reports if report.when == "call" or not self.says_nothing(report)]
        frames = [self.frame(report) for report in shown]
        if call and not any(report.when == "call" for report in reports):
            # The fast lane builds no report for a call that simply passed, even if another phase has something to say.
            place = next((at for at, frame in enumerate(frames) if frame["when"] == "teardown"), len(frames))
            frames.insert(place, {**_PASSED_CALL, "duration": call})
        if attributes:
            frames = frames or [self.frame(reports[-1])]
            frames[-1]["attributes"] = attributes
        return list(self.cutter.cut(frames))

    def collection(self, session: pytest.Session, reports: list[CollectReport]) -> Frame:
        """What the ``collected`` frame says of how collecting went; ``reports``: those that did not simply pass."""
        stopped = session.shouldfail or session.shouldstop
        return {
            "reports": [{"nodeid": report.nodeid, "report": self.cutter.cut(self.frame(report))} for report in reports],
            "testsfailed": session.testsfailed,
            "stopped": str(stopped) if stopped else None,
            "against_sharded": [],
        }

    def frame(self, report: Report) -> Frame:
        """The ``report`` object of docs/protocol.md; empty fields are left out."""
        category, letter, word = self._status(report)
        found: Frame = {
            "when": str(report.when),
            "outcome": str(report.outcome),
            "category": category,
            "letter": letter,
            "word": word,
            "duration": _duration(report, self.took),
        }
        optional = {
            "head_line": self._head_line(report),
            "crash": _crash(report),
            "exception": _exception_type(report),
            "text": self._quotes_text and isinstance(report.longrepr, str),
            "skip": _skip(report),
            "by_mark": _is_skipped_by_mark(report),
            "sections": [[str(name), str(text)] for name, text in [*report.sections, *self._hints(report)]],
            "properties": [[str(name), str(value)] for name, value in getattr(report, "user_properties", ())],
            "subtest": _subtest(report),
        }
        optional["longrepr"], optional["longrepr_color"] = self._longrepr(report)
        found.update({name: value for name, value in optional.items() if value})
        if hasattr(report, "wasxfail"):
            found["wasxfail"] = str(report.wasxfail)
        return found

    def _status(self, report: Report) -> tuple[str, str, str]:
        if report.when == "collect":
            return ("error", "E", "ERROR") if report.failed else ("skipped", "s", "SKIPPED")
        status = self.config.hook.pytest_report_teststatus(report=report, config=self.config)
        # Where pytest's terminal is off (-p no:terminal), nobody has a word for what it names.
        category, letter, word = status or (report.outcome, _LETTERS.get(report.outcome, "F"), report.outcome.upper())
        return str(category), str(letter), str(word[0] if isinstance(word, tuple) else word)

    def _head_line(self, report: Report) -> str:
        # pytest puts "test session" where a report has no headline of its own.
        return str(report.head_line or "") if report.longrepr is not None or report.sections else ""

    def _hints(self, report: Report) -> list[tuple[str, str]]:
        """What trun can do about a failure of that kind."""
        crash = _crash(report) if report.failed else None
        text = crash[2] if crash else str(report.longrepr) if report.failed and report.when == "collect" else ""
        missing = hint(text, str(self.config.invocation_params.dir))
        if missing:
            return [("trun", missing)]
        if crash is None or self.network != "host" or not ("EADDRINUSE" in crash[2] or _IN_USE in crash[2]):
            return []
        return [("trun", _ABOUT_PORTS)]

    def _longrepr(self, report: Report) -> tuple[str, str]:
        if report.longrepr is None or _skip(report):
            return "", ""
        plain = self._render(report, markup=False)
        colored = self._render(report, markup=True) if self._color else plain
        return plain, "" if colored == plain else colored

    def _render(self, report: Report, markup: bool) -> str:
        file = io.StringIO()
        writer = TerminalWriter(file)
        writer.hasmarkup = markup
        writer.fullwidth = self._columns
        report.toterminal(writer)
        return file.getvalue()


def is_plain_pass(report: Report) -> bool:
    """Whether a report says nothing but "this phase passed"."""
    return (
        report.outcome == "passed"
        and not report.sections
        and not hasattr(report, "wasxfail")
        and not getattr(report, "user_properties", None)
        and not _subtest(report)
    )


def _crash(report: Report) -> list[Any] | None:
    crash = getattr(report.longrepr, "reprcrash", None)
    return None if crash is None else [str(crash.path), line_number(crash.lineno, 0), str(crash.message)]


def _exception_type(report: Report) -> str:
    entries = getattr(getattr(report.longrepr, "reprtraceback", None), "reprentries", None) or [None]
    location = getattr(entries[-1], "reprfileloc", None)
    return str(getattr(location, "message", "") or "")


def _skip(report: Report) -> list[Any] | None:
    longrepr = report.longrepr
    if report.outcome == "skipped" and isinstance(longrepr, tuple) and len(longrepr) == 3:
        return [str(longrepr[0]), line_number(longrepr[1], 0), str(longrepr[2])]
    return None


def _is_skipped_by_mark(report: Report) -> bool:
    """Of a class, of a module or given by a hook: what pytest's ``terminal._folded_skips`` folds without a line."""
    keywords = getattr(report, "keywords", {})
    return _skip(report) is not None and report.when == "setup" and "skip" in keywords and "pytestmark" not in keywords


def _subtest(report: Report) -> str:
    describe = getattr(report, "_sub_test_description", None) or getattr(report, "sub_test_description", None)
    return str(describe()) if callable(describe) else ""


def result_frame(
    ordinal: int, nodeid: str, silent: bool, reports: list[Frame], leaks: list[list[str]], host: str
) -> Frame:
    """A ``result`` frame, less its times. ``host``: what the plugin host is to hear of the test."""
    frame: Frame = {"t": "result", "ordinal": ordinal, "nodeid": nodeid, "silent": silent, "reports": reports}
    frame["leaks"] = leaks
    if host:
        frame["host"] = host
    return frame


def durations_of(reports: list[TestReport], took: dict[int, int]) -> list[int]:
    """Set-up, call and teardown in nanoseconds. ``took``: as ``Renderer.took``."""
    found = dict.fromkeys(_PHASES, 0)
    for report in reports:
        if report.when in found:
            found[str(report.when)] = _duration(report, took)
    return [found[phase] for phase in _PHASES]


def _duration(report: Report, took: dict[int, int]) -> int:
    return plausible(getattr(report, "duration", 0), took.get(id(report), 0))
