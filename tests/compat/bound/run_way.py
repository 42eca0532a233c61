"""Runs one case in one way, under trun or under pytest and xdist, and says what is wrong with what came of it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

from bound.folder import files_of, options_of, write_suite
from bound.table import Way
from compare.launch import Ended, launch
from compare.trun_recording import read_trun_recording

#: Seconds that a run may take. A hang is what a fork after the wrong import looks like.
LIMIT = 60.0
TESTS_A_FILE = 6
#: Exit code of trun when a forced way of collecting is refused.
REFUSED = 4
#: What -v says where workers import for themselves, because an import has bound the process.
STARTED_FRESH = "start: fresh"


@dataclass(frozen=True)
class Runner:
    """`trun` None: pytest, with xdist where there are workers."""

    trun: Optional[Path]
    python: Path

    def wrong(self, way: Way, variables: Mapping[str, str]) -> Optional[str]:
        """None if every test passed."""
        with tempfile.TemporaryDirectory(prefix="bound-") as top:
            base = Path(top)
            write_suite(base / "suite", way.case, way.place)
            (base / "tmp").mkdir()
            ended = launch(self._command(way, base), base / "suite", _environment(base, variables), base / "log", LIMIT)
            return self._judge(way, ended, base)

    def _command(self, way: Way, base: Path) -> list[str]:
        number = str(way.numprocesses)
        if self.trun is None:
            workers = ["-p", "xdist", "-n", number] if way.numprocesses else []
            return [str(self.python), "-m", "pytest", *options_of(way.place), *workers]
        command = [str(self.trun), "--python", str(self.python), "-v", "-n", number, "--collect", way.collect]
        return [*command, "--events", str(base / "events.jsonl"), *options_of(way.place)]

    def _judge(self, way: Way, ended: Ended, base: Path) -> Optional[str]:
        said = f"{ended.stdout}\n{ended.stderr}"
        if ended.exit_code is None:
            return f"not over after {LIMIT:g} s\n{_end_of(said)}"
        if way.collect == "sharded" and ended.exit_code == REFUSED and self.trun:
            return None
        wanted = TESTS_A_FILE * sum(name.startswith("test_") for name in files_of(way.case, way.place))
        if ended.exit_code != 0:
            return f"exit {ended.exit_code}\n{_end_of(said)}"
        if self.trun is None:
            return None if f"{wanted} passed" in said else f"not {wanted} passed\n{_end_of(said)}"
        verdicts = read_trun_recording(base / "events.jsonl").verdicts
        if list(verdicts.values()) != [["passed"]] * wanted:
            return f"{len(verdicts)} of {wanted} tests have a verdict: {verdicts}"
        if not way.case.bound and STARTED_FRESH in said:
            return f"kept from the fast way, though nothing binds it\n{_lines_with(said, 'start:')}"
        return None


def _environment(base: Path, variables: Mapping[str, str]) -> dict[str, str]:
    """The same for every run. Plugins are loaded by name alone: what is installed beside must not decide."""
    env = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "JAVA_HOME") if name in os.environ}
    env.update(
        LANG="C.UTF-8",
        HOME=str(base / "tmp"),
        TMPDIR=str(base / "tmp"),
        PYTHONPATH=str(base / "suite"),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )
    return {**env, **variables}


def _end_of(said: str) -> str:
    return "\n".join(f"    {line}" for line in said.strip().splitlines()[-25:])


def _lines_with(said: str, word: str) -> str:
    return "\n".join(f"    {line}" for line in said.splitlines() if word in line)
