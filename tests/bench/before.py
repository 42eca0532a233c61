"""./dev bench --before BINARY: what a change of trun costs or gains on suites of real projects.

BINARY, a trun of before with its plugins/ beside its build folder, and build/trun run the same suite in the same
environment, in turn (A B B A ...), warm, with two workers. Printed are the medians of both, their ratio, and that of the
sums. Each must reach the verdicts of pytest alone, test by test; where BINARY does not, its time does not count. The suites
are those of before_suites.json here, of real_suites.json, and of tests/compat.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

from measure import RunFailed, environment, run
from real import BUILD, HERE, add_options, parsed
from real import LISTS as REAL_LISTS

sys.path.insert(0, str(HERE.parent / "compat"))

from compare.real_suites import RealSuite, load_real_suites, prepare
from compare.suites import BadSuite

LISTS = (*REAL_LISTS, HERE / "before_suites.json")
MOST = 1.03


@dataclass
class Shown:
    """Of one suite: how many tests there are, and by side the seconds of each round and the tests that differ from pytest's."""

    name: str
    tests: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    differs: dict[str, list[str]] = field(default_factory=dict)

    def median(self, side: str) -> float:
        return statistics.median(self.seconds[side])

    def row(self) -> str:
        before, now = self.median("before"), self.median("now")
        wrong = "".join(f"   {side}: {len(ids)} differ ({ids[0]})" for side, ids in self.differs.items() if ids)
        return f"{self.name:<22}{self.tests:>7}{before:>9.2f}{now:>9.2f}{now / before:>7.2f}{wrong}"


def verdicts(junit: Path) -> dict[str, list[str]]:
    """Of each class and name; those that several cases share, sorted. A module that was skipped or could not be collected has
    no class in pytest's, and its own name for one in trun's (docs/configuration.md)."""
    found: dict[str, list[str]] = {}
    for case in ElementTree.parse(junit).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        group, name = case.get("classname"), case.get("name")
        key = f"::{name}" if group == name else f"{group}::{name}"
        found.setdefault(key, []).append("/".join(sorted(kinds)) or "passed")
    for outcomes in found.values():
        outcomes.sort()
    return found


def measure(real: RealSuite, truns: dict[str, Path], folder: Path, rounds: int) -> Shown:
    suite = prepare(real, Path(sys.executable), {})
    python = str(suite.python or sys.executable)
    shown = Shown(real.name)

    def once(side: str, command: list[str]) -> tuple[float, dict[str, list[str]]]:
        junit = folder / f"{real.name}-{side}.xml"
        arguments = [*command, f"--junitxml={junit}", *real.args]
        code = None if side == "before" else real.exit_code  # that it was wrong is no reason not to measure
        try:
            measured = run(arguments, suite.folder, junit, environment(), exit_code=code, most_seconds=real.limit)
        except RunFailed:
            if side != "before":
                raise
            return real.limit, {}  # it hangs, or writes no report: all its verdicts differ
        return measured.seconds, verdicts(junit)

    _, expected = once("pytest", [python, "-m", "pytest"])
    shown.tests = sum(map(len, expected.values()))
    for number in range(rounds + 1):  # the first fills the caches
        for side in ("before", "now") if number % 2 else ("now", "before"):
            seconds, found = once(side, [str(truns[side]), "--python", python, "-n", "2"])
            if number:
                shown.seconds.setdefault(side, []).append(seconds)
            wrong = {key for key in expected.keys() | found.keys() if expected.get(key) != found.get(key)}
            shown.differs[side] = sorted({*shown.differs.get(side, []), *wrong})
    return shown


def misses(all_shown: list[Shown]) -> list[str]:
    """The sum, printed as it is found, and what is not reached."""
    missed = [f"{shown.name}: verdicts differ" for shown in all_shown if shown.differs["now"]]
    counted = [shown for shown in all_shown if not shown.differs["before"]]
    if not counted:
        return missed
    ratio = sum(shown.median("now") for shown in counted) / sum(shown.median("before") for shown in counted)
    print(f"in sum {ratio:.3f} of before (at most {MOST}), over {len(counted)} suites in which that was right")
    return missed + ([f"in sum {ratio:.3f} of before"] if ratio > MOST else [])


def parse(arguments: list[str], names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench --before", description=__doc__, allow_abbrev=False)
    parser.add_argument("before", type=Path, metavar="BINARY", help="the trun to compare with")
    add_options(parser, names, "bench-before.json")
    options = parsed(parser, arguments, names)
    if not options.before.is_file():
        parser.error(f"there is no {options.before}: name the binary of a build")
    return options


def main(arguments: list[str]) -> int:
    suites = [suite for path in LISTS for suite in load_real_suites(path)]
    options = parse(arguments, [suite.name for suite in suites])
    folder = BUILD / "bench-before"
    folder.mkdir(parents=True, exist_ok=True)
    truns = {"before": options.before.absolute(), "now": options.trun.absolute()}
    print("median seconds before and now, their ratio")
    print(f"{'suite':<22}{'tests':>7}{'before':>9}{'now':>9}{'ratio':>7}", flush=True)
    all_shown: list[Shown] = []
    failed: list[str] = []
    for real in suites:
        if options.suites and real.name not in options.suites:
            continue
        try:
            all_shown.append(measure(real, truns, folder, options.rounds))
        except (BadSuite, RunFailed, subprocess.CalledProcessError) as error:
            failed.append(f"{real.name}: {error}")
            print(failed[-1], file=sys.stderr, flush=True)
            continue
        print(all_shown[-1].row(), flush=True)
    options.output.write_text(json.dumps([dataclasses.asdict(shown) for shown in all_shown], indent=1) + "\n")
    missed = failed + misses(all_shown)
    print(f"all figures: {options.output}", *(f"NOT REACHED: {what.splitlines()[0]}" for what in missed), sep="\n")
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
