"""Reads trun's event log (`--events FILE`) into a Recording.

The format is described in reporters/event_log.h. Events that say nothing of pytest's verdicts (workers, progress, notices) are
passed over; an outcome that pytest does not know (crashed, worker_lost) is a verdict of its own and so a difference.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from compare.recording import Recording, Report, Warned, report_from


def read_trun_recording(path: Path) -> Recording:
    """The run in `path`, without output. A run that ended before it had a plan wrote nothing."""
    if not path.exists():
        return Recording()
    lines = path.read_text(encoding="utf-8").splitlines()
    return recording_of(json.loads(line) for line in lines)


def recording_of(events: Iterable[dict[str, Any]]) -> Recording:
    recording = Recording()
    for event in events:
        _fold(recording, event)
    return recording


def _fold(recording: Recording, event: dict[str, Any]) -> None:
    kind = event["event"]
    if kind == "collection_finished":
        recording.items = event["items"]
        recording.deselected = event["deselected"]
        recording.collect_reports = [_collect_report(entry) for entry in event["reports"]]
    elif kind == "test_finished":
        _fold_test(recording, event)
    elif kind == "warning":
        said = [event.get(name, "") for name in ("when", "nodeid", "category", "text")]
        recording.warnings.append(Warned(*said))
    elif kind == "suite_property":
        recording.suite_properties.append((event["name"], event["value"]))
    elif kind == "run_finished":
        recording.logged_exit_code = event["exit_code"]


def _fold_test(recording: Recording, event: dict[str, Any]) -> None:
    outcome, nodeid = event["outcome"], event["nodeid"]
    if outcome == "not_run":
        return  # not a verdict: pytest has no word for it either
    recording.finished.append(nodeid)
    recording.workers |= {str(event.get("worker"))}
    recording.verdicts.setdefault(nodeid, []).append(outcome)
    reports = [_report(report, nodeid) for report in event.get("reports", [])]
    recording.reports += [report for report in reports if not report.is_plain]


def _collect_report(entry: dict[str, Any]) -> Report:
    """pytest has a category and a word for tests only; trun's reports name one for collectors too."""
    return replace(_report(entry["report"], entry["nodeid"]), category="", word="")


def _report(fields: dict[str, Any], nodeid: str) -> Report:
    skip = fields.get("skip")
    place = [skip["path"], skip["line"], skip["reason"]] if skip else None
    return report_from({**fields, "nodeid": nodeid, "skip": place})
