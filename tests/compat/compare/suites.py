"""The suites that are compared: directories with a suite.json, each with one or more variants. Values; it runs nothing.

suite.json: `about`; `requires` (modules the interpreter must have); `pytest` and `python` (minimum versions); `variants`,
each with `name`, `args`, `exit` (pytest's exit code, so that a suite cannot rot), `env`, `cwd`, `numprocesses` (default 0, 1, 2;
also "auto", and "own": none is given, the suite's addopts have it), `collect` (default all three; also "auto"), `whole_files`
(its tests depend on those before them: trun gets --dist loadfile), `printed` (what its tests print between << and >> must come
out as often, past pytest's capture), `refuses` ({"sharded": what the refusal must name}), `xdist` (why it is no stand-in here).

Of suites that know the runner, or that plugins add something to: `oracle` ("xdist": runs with workers are compared with
pytest -n N), `verdicts` (runs with workers are compared in verdicts and exit code alone; always so where xdist is the oracle),
`leaves` ({pattern of files: regular expression}: the lines that match, over all these files, must be the oracle's), `said`
(regular expressions: so must the lines of the output; of an expression with groups only those), `junit` (so must the counts of
--junitxml), `workers` (so many at least must have run tests, with -n 2), `trun` (options for trun alone).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional, Union

COLLECTS = ("each", "once", "sharded")
LANES = ("standard", "auto")
NUMPROCESSES = (0, 1, 2)
ORACLES = ("pytest", "xdist")

#: What -n is given; "own" is what the suite's own settings say.
Numprocesses = Union[int, str]


@dataclass(frozen=True)
class Variant:
    name: str
    args: tuple[str, ...] = ()
    exit_code: int = 0
    env: dict[str, str] = field(default_factory=dict)
    cwd: str = "."
    numprocesses: tuple[Numprocesses, ...] = NUMPROCESSES
    collect: tuple[str, ...] = COLLECTS
    refuses: dict[str, str] = field(default_factory=dict)
    whole_files: bool = False
    printed: bool = False
    xdist: str = ""
    oracle: str = "pytest"
    verdicts: bool = False
    leaves: dict[str, str] = field(default_factory=dict)
    said: tuple[str, ...] = ()
    junit: bool = False
    workers: int = 0
    trun: tuple[str, ...] = ()


@dataclass(frozen=True)
class Suite:
    """`python` is the interpreter of a real suite's own environment; None: the one of the command line."""

    name: str
    folder: Path
    variants: tuple[Variant, ...]
    requires: tuple[str, ...] = ()
    min_pytest: str = "8.0"
    min_python: str = "3.9"
    python: Optional[Path] = None
    flaky: frozenset[str] = frozenset()
    limit: Optional[float] = None


class BadSuite(Exception):
    """A suite.json that cannot be used; says which and why."""


def load_suites(folder: Path, flaky_file: Path) -> list[Suite]:
    flaky = load_flaky(flaky_file)
    return [load_suite(path.parent, flaky) for path in sorted(folder.glob("*/suite.json"))]


def load_suite(folder: Path, flaky: dict[str, frozenset[str]]) -> Suite:
    path = folder / "suite.json"
    known = {"about", "requires", "pytest", "python", "variants"}
    fields = _object(path, json.loads(path.read_text(encoding="utf-8")), known)
    variants = tuple(variant_from(path, entry) for entry in fields["variants"])
    if len({variant.name for variant in variants}) != len(variants) or not variants:
        raise BadSuite(f"{path}: variants need names of their own")
    return Suite(
        name=folder.name,
        folder=folder,
        variants=variants,
        requires=tuple(fields.get("requires", ())),
        min_pytest=fields.get("pytest", "8.0"),
        min_python=fields.get("python", "3.9"),
        flaky=flaky.get(folder.name, frozenset()),
    )


def variant_from(path: Path, entry: dict[str, Any]) -> Variant:
    known = {
        "name",
        "args",
        "exit",
        "env",
        "cwd",
        "numprocesses",
        "collect",
        "whole_files",
        "printed",
        "refuses",
        "xdist",
        "about",
        "oracle",
        "verdicts",
        "leaves",
        "said",
        "junit",
        "workers",
        "trun",
    }
    fields = _object(path, entry, known)
    if fields.get("oracle", "pytest") not in ORACLES:
        raise BadSuite(f"{path}: unknown oracle {fields['oracle']!r}; known are {', '.join(ORACLES)}")
    return Variant(
        name=fields["name"],
        args=tuple(fields.get("args", ())),
        exit_code=fields.get("exit", 0),
        env=dict(fields.get("env", {})),
        cwd=fields.get("cwd", "."),
        numprocesses=tuple(fields.get("numprocesses", NUMPROCESSES)),
        collect=tuple(fields.get("collect", COLLECTS)),
        refuses=dict(fields.get("refuses", {})),
        whole_files=fields.get("whole_files", False),
        printed=fields.get("printed", False),
        xdist=fields.get("xdist", ""),
        oracle=fields.get("oracle", "pytest"),
        verdicts=fields.get("verdicts", False),
        leaves=dict(fields.get("leaves", {})),
        said=tuple(fields.get("said", ())),
        junit=fields.get("junit", False),
        workers=fields.get("workers", 0),
        trun=tuple(fields.get("trun", ())),
    )


def load_flaky(path: Path) -> dict[str, frozenset[str]]:
    """Tests that are flaky under plain pytest, {suite: node ids}. Each has a reason; none is a pattern."""
    found: dict[str, set[str]] = {}
    for entry in json.loads(path.read_text(encoding="utf-8")):
        fields = _object(path, entry, {"suite", "nodeid", "reason"})
        if not fields.get("reason") or "::" not in fields["nodeid"]:
            raise BadSuite(f"{path}: an entry needs a whole node id and a reason: {entry}")
        found.setdefault(fields["suite"], set()).add(fields["nodeid"])
    return {suite: frozenset(nodeids) for suite, nodeids in found.items()}


def _object(path: Path, value: dict[str, Any], known: set[str]) -> dict[str, Any]:
    unknown = set(value) - known
    if unknown:
        raise BadSuite(f"{path}: unknown key {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}")
    return value
