"""Records what pytest says of a run: one JSON object a line, into the file that TRUN_COMPAT_RECORD names.

A pytest plugin, loaded by `-p trun_compat_record`. It observes and changes nothing. Under pytest-xdist it records in the
controller. compare/pytest_recording.py reads what it writes. pytest 8 and 9, Python 3.9 and later.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Generator, Iterable
from typing import Any, Optional

import pytest
from _pytest._io import TerminalWriter
from _pytest.junitxml import xml_key
from _pytest.warnings import warning_record_to_str


def longrepr_text(longrepr: Any) -> str:
    """What `longreprtext` gives, without the line that names an xdist worker; empty for a skip's tuple."""
    if longrepr is None or isinstance(longrepr, tuple):
        return ""
    if not hasattr(longrepr, "toterminal"):
        return str(longrepr).strip()
    out = io.StringIO()
    writer = TerminalWriter(out)
    writer.hasmarkup = False
    longrepr.toterminal(writer)
    return out.getvalue().strip()


def skip_of(longrepr: Any) -> Optional[list[Any]]:
    if not (isinstance(longrepr, tuple) and len(longrepr) == 3):
        return None
    path, line, reason = longrepr
    return [str(path), line, str(reason)]


def report_fields(report: Any) -> dict[str, Any]:
    describe = getattr(report, "_sub_test_description", None)
    wasxfail = getattr(report, "wasxfail", None)
    return {
        "nodeid": report.nodeid,
        "when": getattr(report, "when", "collect"),
        "outcome": report.outcome,
        "longrepr": longrepr_text(report.longrepr),
        "skip": skip_of(report.longrepr),
        "wasxfail": None if wasxfail is None else str(wasxfail),
        "sections": [[name, text] for name, text in report.sections],
        "properties": [[str(name), str(value)] for name, value in getattr(report, "user_properties", [])],
        "subtest": describe() if describe else "",
        "has_duration": isinstance(getattr(report, "duration", None), float),
    }


class Recorder:
    def __init__(self, path: str, config: pytest.Config) -> None:
        self._config = config
        self._file = open(path, "a", encoding="utf-8")  # noqa: SIM115  (closed in pytest_unconfigure)
        self._deselected = 0
        self._items: Optional[list[str]] = None
        self._pending: list[Any] = []

    def _write(self, event: str, **fields: Any) -> None:
        self._file.write(json.dumps({"event": event, **fields}) + "\n")
        self._file.flush()

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._items = [item.nodeid for item in session.items]
        self._write("collected", items=self._items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: Iterable[str]) -> None:
        if self._items is None:
            self._items = list(ids)
            self._write("collected", items=self._items)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._write("deselected", count=len(items))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if not report.passed:
            self._write("collect_report", **report_fields(report))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Written when the test is over: until then hooks (pytest_exception_interact) may add to a report that is shown later."""
        category, _, word = self._config.hook.pytest_report_teststatus(report=report, config=self._config)
        self._pending.append((str(category), str(word[0] if isinstance(word, tuple) else word), report))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logfinish(self) -> None:
        self._write_pending()

    def _write_pending(self) -> None:
        for category, word, report in self._pending:
            self._write("report", category=category, word=word, **report_fields(report))
        self._pending.clear()

    def pytest_warning_recorded(self, warning_message: Any, when: str, nodeid: str) -> None:
        self._write(
            "warning",
            when=when,
            nodeid=nodeid,
            category=warning_message.category.__name__,
            text=warning_record_to_str(warning_message),
            filename=warning_message.filename,
            line=warning_message.lineno,
        )

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        self._write_pending()
        xml = self._config.stash.get(xml_key, None)
        for name, value in xml.global_properties if xml else []:
            self._write("suite_property", name=name, value=value)

    def pytest_unconfigure(self) -> None:
        self._file.close()


class LettersOutside:
    """Keeps the letters that pytest's terminal writes for a unittest subtest out of that test's own captured output.

    They are written in the middle of the call, where nothing suspends capture: a slip of pytest's, and no verdict.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._capture: Any = config.pluginmanager.getplugin("capturemanager")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self) -> Generator[None, Any, Any]:
        if self._capture is None or not self._capture.is_globally_capturing():
            return (yield)
        with self._capture.global_and_fixture_disabled():
            return (yield)


def pytest_configure(config: pytest.Config) -> None:
    path = os.environ.pop("TRUN_COMPAT_RECORD", None)  # a pytest that a test starts must not write here
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Recorder(path, config), "trun_compat_recorder")
        config.pluginmanager.register(LettersOutside(config), "trun_compat_letters")
