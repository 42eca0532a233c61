"""Reads what plugin/trun_compat_record.py wrote into a Recording."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from compare.recording import Recording, Report, Warned, report_from


def read_pytest_recording(path: Path) -> Recording:
    """The run in `path`, without exit code and output. A run that ended before pytest was configured wrote no file."""
    if not path.exists():
        return Recording()
    return recording_of(json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())


def recording_of(events: Iterable[dict[str, Any]]) -> Recording:
    recording = Recording()
    reports: list[Report] = []
    for event in events:
        _fold(recording, reports, event)
    recording.reports = [report for report in reports if not report.is_plain]
    for nodeid, group in _by_test(reports):
        recording.finished.append(nodeid)
        recording.verdicts.setdefault(nodeid, []).append(verdict_of(group))
    return recording


def _fold(recording: Recording, reports: list[Report], event: dict[str, Any]) -> None:
    kind = event["event"]
    if kind == "collected":
        recording.items = event["items"]
    elif kind == "deselected":
        recording.deselected += event["count"]
    elif kind == "collect_report":
        recording.collect_reports.append(report_from(event))
    elif kind == "report":
        reports.append(report_from(event))
    elif kind == "warning":
        recording.warnings.append(Warned(event["when"], event["nodeid"], event["category"], event["text"]))
    elif kind == "suite_property":
        recording.suite_properties.append((event["name"], event["value"]))
    else:
        raise ValueError(f"the recording holds an unknown event {kind!r}")


def _by_test(reports: list[Report]) -> list[tuple[str, list[Report]]]:
    """The reports of each finished test, by the teardown report that ends it. Under xdist reports of tests interleave. An attempt
    that a plugin repeats is none that has finished."""
    running: dict[str, list[Report]] = {}
    finished: list[tuple[str, list[Report]]] = []
    for report in reports:
        running.setdefault(report.nodeid, []).append(report)
        if report.when == "teardown":
            attempt = running.pop(report.nodeid)
            if all(part.category != "rerun" for part in attempt):
                finished.append((report.nodeid, attempt))
    return finished


def verdict_of(reports: list[Report]) -> str:
    """One word for a test, by trun's rule (runner/base/test_result.cc, outcome_of): a failed call counts before an error."""
    failed = [report for report in reports if report.outcome == "failed" and report.wasxfail is None]
    if any(report.when not in ("setup", "teardown") for report in failed):
        return "failed"
    if failed:
        return "error"
    categories = {report.category for report in reports if not report.subtest}
    return next((word for word in ("xpassed", "xfailed", "skipped") if word in categories), "passed")
