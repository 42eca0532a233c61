"""What came of a run over guilty tests, and what is asked of it. Each check raises AssertionError with what it found."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import harness
from cases import Case, Group


@dataclass
class Outcome:
    """One run of one group. `failure`: what went wrong with the run as a whole: it did not end, or left somebody behind."""

    group: Group
    run: harness.Run | None
    failure: str
    ledger: Path
    reports: Path
    busyness: float = 1.0
    """Of the machine while it ran (harness.busyness)."""

    @cached_property
    def events(self) -> list[dict[str, Any]]:
        log = self.reports / "events.jsonl"
        return harness.events_in(log) if log.exists() else []

    @cached_property
    def finished(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for event in self.events:
            if event["event"] == "test_finished":
                found.setdefault(event["nodeid"], []).append(event)
        return found

    @cached_property
    def collected(self) -> list[str]:
        counted = [event["items"] for event in self.events if event["event"] == "collection_finished"]
        return counted[-1] if counted else []

    @cached_property
    def began(self) -> Counter[str]:
        """How often each test began in a worker. What a test's own children run is theirs."""
        workers = {event["pid"] for event in self.events if event["event"] == "worker_started"}
        lines = self.ledger.read_text().splitlines() if self.ledger.exists() else []
        split = (line.partition(" ") for line in lines)
        return Counter(name for pid, _, name in split if int(pid) in workers)

    # -- of one case

    def check_case(self, case: Case) -> None:
        self.check_verdicts(case)
        self.check_leaks(case)
        self.check_times(case)
        if case.declared.complete:
            self.check_innocents(case.innocents())

    def check_verdicts(self, case: Case) -> None:
        for test, expected in case.expected().items():
            events = self.finished.get(test, [])
            found = [_verdict(event) for event in events]
            assert len(found) == 1, f"{test}: {len(found)} verdicts: {found}"
            assert re.match(expected, found[0]), f"{test}: {found[0]!r} instead of {expected!r}\n{str(events)[:3000]}"

    def check_leaks(self, case: Case) -> None:
        for test, kinds in case.declared.leaks.items():
            (event,) = self.finished[f"{case.test_files()[0]}::{test}"]
            found = [leak["kind"] for leak in event.get("leaks", [])]
            assert found == list(kinds), f"{test} left behind: {event.get('leaks')}"

    def check_times(self, case: Case) -> None:
        for test in case.expected():
            (event,) = self.finished[test]
            took = event["at"] - event.get("started", event["at"])
            assert took < case.declared.limit * self.busyness, f"{test}: {took} s from its beginning to its verdict"

    # -- of all that ran

    def check_innocents(self, innocents: Iterable[str]) -> None:
        for name in innocents:
            found = [_verdict(event) for event in self.finished.get(name, [])]
            assert found == ["passed"], f"{name}: {found}"
            assert self.began[name] == 1, f"{name}: began {self.began[name]} times"

    def check_run(self) -> None:
        assert not self.failure, self.failure
        assert self.run is not None
        case = self.group.cases[0]
        expected = 1 if case.declared.code is None else case.declared.code
        assert self.run.code == expected, f"exit code {self.run.code}:\n{_end(self.run.said)}"
        for member in self.group.cases:
            for text in member.declared.said:
                assert text in self.run.said, f"{member.name}: not said: {text!r}\n{_end(self.run.said)}"
        self.check_ledger()
        if case.declared.reports:
            self.check_reports()

    def check_ledger(self) -> None:
        """Exactly one verdict for each test that was collected, none for another, and nothing began twice."""
        verdicts = {name: [_verdict(event) for event in events] for name, events in self.finished.items()}
        assert {name for name, found in verdicts.items() if len(found) != 1} == set()
        complete = all(case.declared.complete for case in self.group.cases)
        assert set(verdicts) == set(self.collected) if complete else set(verdicts) <= set(self.collected)
        assert {name: count for name, count in self.began.items() if count != 1} == {}
        # The node id's own lines: it may hold a line break.
        passed = {name.split("\n")[0] for name, found in verdicts.items() if found == ["passed"]}
        began = set(self.began)
        assert {name for name in passed if name not in began and name.isascii()} == set(), "passed, but never began"
        if complete:
            self.check_innocents(self.group.innocents())

    def check_reports(self) -> None:
        assert self.run is not None
        assert self.events[-1]["event"] == "run_finished"
        assert self.run.metrics()
        assert self.run.junit_text().rstrip().endswith("</testsuites>")
        cases = self.run.junit()
        bad = sum(_is_bad(found) for found in self.finished.values())
        told = sum(any(part in ("failure", "error") for part in each[0].split("+")) for each in cases.values())
        assert told >= bad, f"{bad} bad verdicts, {told} in the JUnit report"


def _verdict(event: dict[str, Any]) -> str:
    reason = event.get("reason")
    return f"{event['outcome']}: {reason}" if reason else str(event["outcome"])


def _end(text: str) -> str:
    return text[-3000:]


def _is_bad(events: list[dict[str, Any]]) -> bool:
    return events[0]["outcome"] not in ("passed", "skipped", "xfailed", "xpassed")
