"""The corpus: what each guilty module declares of itself, and the suites that are made of many of them.

A case is `corpus/NAME.py`, or a folder `corpus/NAME` where conftests or several modules are needed. The test module begins with
`GUILTY = {...}`, a literal that is read without importing it; the keys are the fields of `Declared`. Innocent tests are put
before and behind the guilty ones in their own file, and files of innocents stand beside them: each must pass exactly once.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("corpus")
NEIGHBOURS = ("test_00_neighbour.py", "test_zz_neighbour.py")
OPTIONS = ("--grace", "0.5", "--max-worker-restart", "1000", "-p", "no:timeout", "-p", "no:asyncio")
"""Of every run. The plugin that would take the timeout marker for itself is away; the other warns."""

# Each test that begins is written down with its process, by one write that is atomic. What this needs is taken at import, before
# anybody has touched it.
_LEDGER = """
import os as _os
import pytest as _pytest

@_pytest.fixture(autouse=True)
def _begins(request, _os=_os, _open=_os.open, _write=_os.write, _close=_os.close, _pid=_os.getpid, _path=_os.environ["LEDGER"]):
    ledger = _open(_path, _os.O_WRONLY | _os.O_APPEND | _os.O_CREAT, 0o666)
    _write(ledger, f"{_pid()} {request.node.nodeid}\\n".encode("utf-8", "backslashreplace"))
    _close(ledger)
"""
_BEFORE = "\ndef test_innocent_before():\n    pass\n\n"
_AFTER = "\n\ndef test_innocent_after():\n    pass\n"
_NEIGHBOUR = """
import pytest
{ledger}
@pytest.mark.parametrize("number", range(6))
def test_neighbour(number):
    pass
"""


@dataclass(frozen=True)
class Declared:
    """What a case says of itself."""

    expect: Mapping[str, str] = field(default_factory=dict)
    """Test's name: how its outcome and reason begin, as "timed_out: timed out in call"."""
    leaks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Test's name: kinds of what it left behind. Of tests that are not named nothing is asked."""
    limit: float = 10.0
    """Seconds from the beginning of each guilty test to its verdict, on a machine that is not idle."""
    options: Sequence[str] = ()
    """Beside OPTIONS. Cases with the same ones run together."""
    after: bool = True
    """Whether innocents stand behind the guilty test in its file. Not where it must be the last there."""
    alone: bool = False
    """In a run of its own: what it does ends the session, or the run."""
    workers: int | None = None
    """None: as many as the way to run says."""
    code: int | None = None
    """The run's exit code, of a case that is alone. None: 1."""
    said: Sequence[str] = ()
    """What the run must say, on whichever stream."""
    complete: bool = True
    """Whether every innocent must have run. Not where the run is ended by what the case does."""
    reports: bool = True
    """Whether reports must be there and whole: not where trun itself dies, or ends before there is anything to report."""
    collects: bool = True
    """Whether its module can be collected."""
    not_in: Sequence[str] = ()
    """Ways to run (their parts, as "-n0") in which its crime is another one."""


@dataclass(frozen=True)
class Case:
    name: str
    files: Mapping[str, str]
    """What is written into the suite, by path."""
    declared: Declared

    def test_files(self) -> list[str]:
        return [name for name in self.files if Path(name).name.startswith("test_")]

    def expected(self) -> dict[str, str]:
        """Verdicts by node id. A name that no file precedes belongs to the case's only or first test file."""
        found = {}
        for test, verdict in self.declared.expect.items():
            path = next((each for each in self.test_files() if test in self.files[each]), self.test_files()[0])
            found[f"{path}::{test}"] = verdict
        return found

    def innocents(self) -> set[str]:
        """Node ids of the innocents in the case's own files."""
        if not self.declared.collects:
            return set()
        return {
            f"{path}::{name}"
            for path in self.test_files()
            for name in ("test_innocent_before", "test_innocent_after")
            if f"def {name}(" in self.files[path]
        }


def read_case(path: Path) -> Case:
    sources = {each: each.read_text() for each in ([path] if path.is_file() else sorted(path.rglob("*.py")))}
    declared: dict[str, Any] | None = None
    for text in sources.values():
        declared = declared or _declaration(text)
    if declared is None:
        raise ValueError(f"{path}: no GUILTY = {{...}} in it")
    says = Declared(**declared)
    files = {}
    for source, text in sources.items():
        if path.is_file():
            files[f"test_{path.stem}.py"] = with_innocents(text, says.after)
            continue
        # What is alone has the suite to itself.
        place = source.relative_to(path if says.alone else path.parent)
        if source.name in ("conftest.py", "__init__.py"):
            files[str(place)] = text
        else:
            files[str(place.with_name(f"test_{path.name}_{source.name}"))] = with_innocents(text, says.after)
    return Case(path.stem, files, says)


def _declaration(text: str) -> dict[str, Any] | None:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "GUILTY":
            literal: dict[str, Any] = ast.literal_eval(node.value)
            return literal
    return None


def with_innocents(text: str, after: bool) -> str:
    """Innocents around the guilty tests, which pytest runs in the order of their definition."""
    return _LEDGER + _BEFORE + text + (_AFTER if after else "")


def read_corpus(folder: Path = FOLDER) -> list[Case]:
    paths = sorted(
        path for path in folder.iterdir() if path.suffix == ".py" or (path.is_dir() and path.name != "__pycache__")
    )
    return [read_case(path) for path in paths]


@dataclass(frozen=True)
class Group:
    """Cases that one run holds."""

    name: str
    cases: tuple[Case, ...]

    @property
    def options(self) -> tuple[str, ...]:
        return (*OPTIONS, *self.cases[0].declared.options)

    @property
    def alone(self) -> bool:
        return self.cases[0].declared.alone

    def files(self) -> dict[str, str]:
        files = {name: _NEIGHBOUR.format(ledger=_LEDGER) for name in NEIGHBOURS}
        for case in self.cases:
            files.update(case.files)
        return files

    def innocents(self) -> set[str]:
        neighbours = {f"{name}::test_neighbour[{number}]" for name in NEIGHBOURS for number in range(6)}
        return neighbours.union(*(case.innocents() for case in self.cases))


def groups_of(cases: Iterable[Case]) -> list[Group]:
    """Those that are alone each for itself, the others by their options."""
    together: dict[str, list[Case]] = {}
    for case in cases:
        declared = case.declared
        key = case.name if declared.alone else " ".join(declared.options) or "plain"
        together.setdefault(key, []).append(case)
    return [Group(name, tuple(members)) for name, members in together.items()]
