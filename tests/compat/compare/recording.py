"""The nouns of a comparison: what one run of a suite said, whoever ran it.

Readers (pytest_recording, trun_recording) build a Recording from a file; differ compares two. Nothing is normalised here.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import Any, Optional

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Report:
    """One TestReport or CollectReport. `longrepr` is plain text, empty for a skip, whose reason is in `skip`."""

    nodeid: str
    when: str
    outcome: str
    category: str = ""
    word: str = ""
    longrepr: str = ""
    skip: Optional[tuple[str, int, str]] = None
    wasxfail: Optional[str] = None
    sections: Pairs = ()
    properties: Pairs = ()
    subtest: str = ""

    @property
    def is_plain(self) -> bool:
        """A passed phase of which nothing more is to be said. trun does not send those of a test that simply passed."""
        said = self.longrepr or self.skip or self.sections or self.properties or self.subtest
        custom = self.category not in ("", "passed")
        return self.outcome == "passed" and self.wasxfail is None and not said and not custom

    @property
    def heading(self) -> str:
        return " ".join(part for part in (self.when, self.outcome, self.category, self.word, self.subtest) if part)


@dataclass(frozen=True)
class Warned:
    """A recorded warning; `text` is what pytest's warnings summary prints for it."""

    when: str
    nodeid: str
    category: str
    text: str


@dataclass
class Recording:
    """What one run said. `finished` and `reports` are in the order in which the tests finished.

    `exit_code` is the process's; `logged_exit_code` what the run's own record says, where it says it. `summary` is the short test
    summary. `aside` is what a suite asks to be compared besides, (where, line): see aside.py. `workers` are those that finished a
    test, where the record says it.
    """

    items: list[str] = field(default_factory=list)
    deselected: int = 0
    collect_reports: list[Report] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    finished: list[str] = field(default_factory=list)
    verdicts: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[Warned] = field(default_factory=list)
    suite_properties: list[tuple[str, str]] = field(default_factory=list)
    exit_code: int = 0
    logged_exit_code: Optional[int] = None
    closing_line: str = ""
    summary: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    output: str = ""
    aside: list[tuple[str, str]] = field(default_factory=list)
    workers: frozenset[str] = frozenset()


def report_from(fields: dict[str, Any]) -> Report:
    """A Report from our plugin's fields. trun's event log names them alike. Absent means empty."""
    skip = fields.get("skip")
    return Report(
        nodeid=fields["nodeid"],
        when=fields.get("when") or "collect",
        outcome=fields["outcome"],
        category=fields.get("category") or "",
        word=fields.get("word") or "",
        longrepr="" if skip else (fields.get("longrepr") or "").strip(),
        skip=(skip[0], skip[1], skip[2]) if skip else None,
        wasxfail=fields.get("wasxfail"),
        sections=_pairs(fields.get("sections")),
        properties=_pairs(fields.get("properties")),
        subtest=fields.get("subtest") or "",
    )


def _pairs(value: Optional[list[list[Any]]]) -> Pairs:
    return tuple((str(name), str(text)) for name, text in value or [])


def printed_marks(stdout: str, stderr: str) -> list[str]:
    """What stands between << and >> on one line, with its stream: "stdout: by a test". The rest of a line is the runner's."""
    streams = (("stdout", stdout), ("stderr", stderr))
    return [f"{name}: {mark}" for name, text in streams for mark in re.findall(r"<<([^<>\n]*)>>", text)]


def closing_line(stdout: str) -> str:
    """pytest's last line, "=== 3 failed, 97 passed in 1.23s ===", without its rule; empty where there is none."""
    for line in reversed(stdout.splitlines()):
        text = line.strip("= ")
        if " in " in text and text.endswith(("s", ")")) and not text.startswith("["):
            return text
    return ""


#: A rule, or under -q the closing line, which has none.
_END_OF_SUMMARY = re.compile(r"=====|!!!!!|\d+ \w+.* in \d+\.\d\ds")


def short_summary(stdout: str) -> list[str]:
    """The lines below pytest's "short test summary info", up to the next rule or the closing line."""
    lines = iter(stdout.splitlines())
    for line in lines:
        if line.strip("= ") == "short test summary info":
            return list(itertools.takewhile(lambda text: not _END_OF_SUMMARY.match(text), lines))
    return []
