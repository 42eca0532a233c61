"""Compares two Recordings, pytest's and the other's, and words every difference with both sides.

Pure: it reads no file and runs nothing. Both are normalised first (normalise.py).
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from compare.normalise import normal
from compare.recording import Recording, Report, Warned


@dataclass(frozen=True)
class Strictness:
    """How much must be equal. The defaults are those of a comparison with trun.

    `stand_in`: the other side is pytest-xdist, whose controller hears nothing of deselected tests and counts a warning of
    collection once for each worker, so that its closing line differs too.
    `printed`: what tests marked on stdout and stderr is compared; in any order, for workers print side by side.
    `verdicts`: only node ids, outcomes, exit code, and what the suite asks for besides.
    """

    whole_order: bool = False
    stand_in: bool = False
    printed: bool = False
    verdicts: bool = False
    flaky: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Difference:
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.what}\n{self.text}"


def compare(expected: Recording, actual: Recording, strict: Strictness = Strictness()) -> list[Difference]:
    """Every difference, those first that explain most. Empty: equal."""
    expected, actual = (_without_flaky(normal(side), strict.flaky) for side in (expected, actual))
    found = _value("exit code", expected.exit_code, actual.exit_code)
    found += _everything(expected, actual, strict) if not strict.verdicts else _verdicts_alone(expected, actual)
    return found + _multiset("what the suite asks for besides", expected.aside, actual.aside)


def _verdicts_alone(expected: Recording, actual: Recording) -> list[Difference]:
    found = _multiset("finished tests", expected.finished, actual.finished)
    return found + _verdicts(expected.verdicts, actual.verdicts)


def _everything(expected: Recording, actual: Recording, strict: Strictness) -> list[Difference]:
    found: list[Difference] = []
    found += _reports("collection report", expected.collect_reports, actual.collect_reports)
    found += _multiset("collected node ids", expected.items, actual.items)
    found += _orders(expected, actual, strict)
    if not strict.stand_in:
        found += _value("number of deselected tests", expected.deselected, actual.deselected)
    found += _multiset("finished tests", expected.finished, actual.finished)
    found += _verdicts(expected.verdicts, actual.verdicts)
    found += _reports("report", expected.reports, actual.reports)
    found += _warnings(expected.warnings, actual.warnings, strict)
    found += _multiset("suite properties", expected.suite_properties, actual.suite_properties)
    if strict.printed:
        found += _multiset("printed marks", expected.printed, actual.printed)
    if not strict.flaky and not strict.stand_in:
        found += _multiset("short test summary", expected.summary, actual.summary)
        found += _value("closing line", expected.closing_line, actual.closing_line)
    return found


def unified(expected: str, actual: str) -> str:
    lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "pytest", "other", lineterm="", n=3)
    return "\n".join(f"    {line}" for line in lines)


def _without_flaky(recording: Recording, flaky: frozenset[str]) -> Recording:
    """A flaky test must still be collected and finish; what it says is not compared."""
    return replace(
        recording,
        reports=[report for report in recording.reports if report.nodeid not in flaky],
        verdicts={nodeid: said for nodeid, said in recording.verdicts.items() if nodeid not in flaky},
    )


def _warnings(expected: list[Warned], actual: list[Warned], strict: Strictness) -> list[Difference]:
    if strict.stand_in:
        expected, actual = _once_collected(expected), _once_collected(actual)
    return _multiset("warnings", expected, actual)


def _once_collected(warnings: list[Warned]) -> list[Warned]:
    early = dict.fromkeys(warned for warned in warnings if warned.when != "runtest")
    return [*early, *(warned for warned in warnings if warned.when == "runtest")]


def _value(what: str, expected: object, actual: object) -> list[Difference]:
    if expected == actual:
        return []
    return [Difference(what, f"    pytest: {expected!r}\n    other:  {actual!r}")]


def _multiset(what: str, expected: Iterable[Hashable], actual: Iterable[Hashable]) -> list[Difference]:
    ours, theirs = Counter(expected), Counter(actual)
    lines = [f"    only under pytest ({count}x): {entry!r}" for entry, count in (ours - theirs).items()]
    lines += [f"    only under other ({count}x): {entry!r}" for entry, count in (theirs - ours).items()]
    return [Difference(what, "\n".join(lines))] if lines else []


def _orders(expected: Recording, actual: Recording, strict: Strictness) -> list[Difference]:
    """Of collected tests: within each file; with `whole_order` over all, and of the finished tests too."""
    if Counter(expected.items) != Counter(actual.items):
        return []  # said already
    if strict.whole_order:
        found = _sequence("order of collected tests", expected.items, actual.items)
        return found or _sequence("order of finished tests", expected.finished, actual.finished)
    ours, theirs = _by_file(expected.items), _by_file(actual.items)
    return [found for path in ours for found in _sequence(f"order in {path}", ours[path], theirs[path])]


def _sequence(what: str, expected: Sequence[str], actual: Sequence[str]) -> list[Difference]:
    if list(expected) == list(actual):
        return []
    return [Difference(what, unified("\n".join(expected), "\n".join(actual)))]


def _by_file(items: Iterable[str]) -> dict[str, list[str]]:
    files: dict[str, list[str]] = {}
    for item in items:
        files.setdefault(item.split("::", 1)[0], []).append(item)
    return files


def _verdicts(expected: dict[str, list[str]], actual: dict[str, list[str]]) -> list[Difference]:
    both = [nodeid for nodeid in expected if nodeid in actual]
    return [
        difference
        for nodeid in both
        for difference in _value(f"outcome of {nodeid}", sorted(expected[nodeid]), sorted(actual[nodeid]))
    ]


def _reports(what: str, expected: Sequence[Report], actual: Sequence[Report]) -> list[Difference]:
    ours, theirs = _by_nodeid(expected), _by_nodeid(actual)
    found: list[Difference] = []
    for nodeid in dict.fromkeys([*ours, *theirs]):
        found += _reports_of(f"{what} of {nodeid}", ours.get(nodeid, []), theirs.get(nodeid, []))
    return found


def _by_nodeid(reports: Iterable[Report]) -> dict[str, list[Report]]:
    groups: dict[str, list[Report]] = {}
    for report in reports:
        groups.setdefault(report.nodeid, []).append(report)
    return groups


def _reports_of(what: str, expected: list[Report], actual: list[Report]) -> list[Difference]:
    ours, theirs = [r.heading for r in expected], [r.heading for r in actual]
    if ours != theirs:
        shown = unified("\n".join(map(_whole, expected)), "\n".join(map(_whole, actual)))
        return [Difference(f"{what}: phases", shown)]
    return [found for one, other in zip(expected, actual) for found in _fields(what, one, other)]


def _whole(report: Report) -> str:
    return "\n".join([report.heading, *(f"  {line}" for line in report.longrepr.splitlines())])


def _fields(what: str, expected: Report, actual: Report) -> list[Difference]:
    found: list[Difference] = []
    for field in fields(Report):
        ours, theirs = getattr(expected, field.name), getattr(actual, field.name)
        if ours != theirs:
            text = unified(_text(ours), _text(theirs)) or f"    pytest: {ours!r}\n    other:  {theirs!r}"
            found.append(Difference(f"{what}: {expected.when}: {field.name}", text))
    return found


def _text(value: Any) -> str:
    if isinstance(value, tuple):
        return "\n".join(_pair(entry) if isinstance(entry, tuple) else repr(entry) for entry in value)
    return str(value)


def _pair(entry: tuple[str, ...]) -> str:
    return "\n".join(f"[{entry[0]}]" if index == 0 else part for index, part in enumerate(entry))
