"""One run of one runner: wall time, verdicts by its JUnit file, and the peak memory of its whole process tree."""

from __future__ import annotations

import os
import subprocess
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05


class RunFailed(Exception):
    """A runner did not end as it should, or wrote no JUnit file."""


@dataclass(frozen=True)
class Measured:
    seconds: float
    verdicts: dict[str, int]
    peak_pss: int | None
    """Bytes; None if it was not asked for."""


def run(
    command: list[str],
    root: Path,
    junit: Path,
    environment: dict[str, str],
    *,
    memory: bool = False,
    exit_code: int | None = 0,
    most_seconds: float | None = None,
) -> Measured:
    """Runs `command` in `root`. Its output goes to a file beside `junit`, as a CI's would; `memory` costs time, so a run
    measures either. Raises RunFailed, also for another exit code than that (None: any counts) and for a run that is killed
    at its limit."""
    junit.unlink(missing_ok=True)
    log = junit.with_suffix(".log")
    with log.open("wb") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
        peak = _peak_pss(process) if memory else None
        try:
            code = process.wait(most_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise RunFailed(f"not over after {most_seconds:g} s: {' '.join(command)} in {root}") from None
        seconds = time.perf_counter() - began
    if exit_code not in (None, code) or not junit.exists():
        tail = log.read_text(errors="replace")[-2000:]
        raise RunFailed(f"exit {code} of {' '.join(command)} in {root}\n{tail}")
    return Measured(seconds, verdicts_of(junit), peak)


def environment() -> dict[str, str]:
    """The user's, without what would make runners differ."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "TRUN"))}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    return kept


def verdicts_of(junit: Path) -> dict[str, int]:
    """Number of test cases by outcome."""
    counts: Counter[str] = Counter()
    for case in ElementTree.parse(junit).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        counts["/".join(sorted(kinds)) or "passed"] += 1
    return dict(counts)


def _peak_pss(process: subprocess.Popen[bytes]) -> int:
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(map(pss_of, tree_of(process.pid))))
        time.sleep(SAMPLE_SECONDS)
    return peak


def tree_of(root: int) -> list[int]:
    """`root` and all its living descendants, by the parents that /proc names."""
    children: dict[int, list[int]] = defaultdict(list)
    for entry in os.scandir("/proc"):
        if entry.name.isdigit() and (parent := _parent_of(entry.name)) is not None:
            children[parent].append(int(entry.name))
    tree = [root]
    for pid in tree:  # grows while it is walked
        tree.extend(children[pid])
    return tree


def _parent_of(pid: str) -> int | None:
    try:
        stat = Path("/proc", pid, "stat").read_bytes()
    except OSError:
        return None  # ended meanwhile
    # The command's name, in parentheses, may itself hold spaces and parentheses.
    return int(stat[stat.rindex(b")") + 2 :].split()[1])


def pss_of(pid: int) -> int:
    """Proportional set size in bytes: pages shared by n processes count 1/n in each. 0 for one that has ended."""
    try:
        lines = Path("/proc", str(pid), "smaps_rollup").read_bytes().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith(b"Pss:"))
