"""What a run leaves besides its verdicts, where a suite asks for it: lines of files, lines of the output, counts of JUnit."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from pathlib import Path

Aside = list[tuple[str, str]]

COUNTS = ("tests", "failures", "errors", "skipped")


def lines_of_files(folder: Path, patterns: Mapping[str, str]) -> Aside:
    """Of all files that match a pattern: which worker wrote what into which of them is not asked."""
    found: Aside = []
    for pattern, expression in patterns.items():
        texts = [path.read_text(errors="replace") for path in sorted(folder.glob(pattern)) if path.is_file()]
        found += [(pattern, line) for line in _matching("\n".join(texts), expression)]
    return found


def lines_said(output: str, expressions: Iterable[str]) -> Aside:
    return [(expression, line) for expression in expressions for line in _matching(output, expression)]


def _matching(text: str, expression: str) -> list[str]:
    """What matches of each line, from its beginning, sorted; of an expression with groups what those hold."""
    matches = [match for line in text.splitlines() if line and (match := re.match(expression, line))]
    return sorted(" ".join(match.groups()) or match.group() for match in matches)


def junit_counts(path: Path) -> Aside:
    """The counts of each test suite; nothing where there is no file."""
    if not path.exists():
        return []
    suites = ElementTree.parse(path).iter("testsuite")
    return [("junit", f"{name}={suite.get(name)}") for suite in suites for name in COUNTS]
