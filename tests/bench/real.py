"""./dev bench --real: trun beside pytest, pytest-xdist and rstest on the suites of real projects.

All run the same suite in the same environment, in turn (A B C D A B C D ...), warm, with a JUnit file, two workers. A runner
counts where it reaches pytest's verdicts; trun must. Printed are medians, trun's ratio to the fastest of the others, and peak
memory. The suites are those of real_suites.json here and of tests/compat: sdists pinned by hash, in environments that compat
keeps.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from measure import Measured, RunFailed, environment, run

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "compat"))

from compare.real_suites import RealSuite, load_real_suites, prepare
from compare.suites import BadSuite

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
LISTS = (HERE.parent / "compat" / "real_suites.json", HERE / "real_suites.json")
RSTEST = ("rstest==0.9.0", "msgpack==1.2.4")
"""The fastest compatible runner that PyPI has; it brings a pytest of its own."""
OTHERS = ("pytest", "xdist", "rstest")
RUNNERS = (*OTHERS, "trun")
MOST_OF_SUM, MOST_OF_ONE, MOST_OF_MEMORY = 0.62, 1.0, 0.75
"""Of the fastest of the others in sum and for each suite; of xdist's peak memory in sum."""


@dataclass
class Shown:
    """What one suite showed: seconds of each round and peak bytes, by runner; why a runner does not count."""

    name: str
    seconds: dict[str, list[float]] = field(default_factory=dict)
    memory: dict[str, int] = field(default_factory=dict)
    out: dict[str, str] = field(default_factory=dict)

    def median(self, runner: str) -> float:
        return statistics.median(self.seconds[runner])

    def fastest(self) -> float:
        return min(self.median(runner) for runner in OTHERS if runner not in self.out)

    def ratio(self) -> float:
        return self.median("trun") / self.fastest()


@dataclass(frozen=True)
class Bench:
    trun: Path
    folder: Path
    rounds: int

    def measure(self, real: RealSuite, python: Path) -> Shown:
        suite = prepare(dataclasses.replace(real, requirements=(*real.requirements, *RSTEST)), python, {})
        place = suite.python or python, suite.folder
        shown = Shown(real.name)
        expected = None
        for number in range(self.rounds + 1):  # the first fills the caches
            for runner in RUNNERS:
                if runner in shown.out:
                    continue
                try:
                    measured = self._run(runner, real, *place, memory=False)
                except RunFailed as error:
                    if expected is None:
                        raise  # pytest's own: there is nothing to compare with
                    shown.out[runner] = str(error)
                    continue
                expected = expected or measured.verdicts
                if measured.verdicts != expected:
                    shown.out[runner] = f"{measured.verdicts}, not {expected}"
                elif number:
                    shown.seconds.setdefault(runner, []).append(measured.seconds)
        for runner in {"xdist", "trun"} - shown.out.keys():
            shown.memory[runner] = self._run(runner, real, *place, memory=True).peak_pss or 0
        return shown

    def _run(self, runner: str, real: RealSuite, python: Path, root: Path, *, memory: bool) -> Measured:
        junit = self.folder / f"{real.name}-{runner}.xml"
        command = {
            "pytest": [python, "-m", "pytest"],
            "xdist": [python, "-m", "pytest", "-n", "2"],
            "rstest": [python.with_name("rstest"), "--python", python, "-n", "2"],
            "trun": [self.trun, "--python", python, "-n", "2"],
        }[runner]
        arguments = [*map(str, command), f"--junitxml={junit}", *real.args]
        return run(
            arguments, root, junit, environment(), memory=memory, exit_code=real.exit_code, most_seconds=real.limit
        )


def row(shown: Shown) -> str:
    medians = "".join(f"{shown.median(name):>9.2f}" if shown.seconds.get(name) else f"{'-':>9}" for name in RUNNERS)
    if "trun" in shown.out:
        return f"{shown.name:<22}{medians}   trun: {shown.out['trun']}"
    memory = " ".join(f"{shown.memory.get(name, 0) / 1e6:>7.0f}" for name in ("xdist", "trun"))
    left_out = "".join(f"   {name} is left out: {why.splitlines()[0][:90]}" for name, why in shown.out.items())
    return f"{shown.name:<22}{medians}{shown.ratio():>9.2f}  {memory}{left_out}"


def misses(all_shown: list[Shown]) -> list[str]:
    """The sums, printed as they are found, and what is not reached."""
    counted = [shown for shown in all_shown if "trun" not in shown.out]
    found = [f"{shown.name}: {shown.out['trun']}" for shown in all_shown if "trun" in shown.out]
    if not counted:
        return found
    ratio = sum(shown.median("trun") for shown in counted) / sum(shown.fastest() for shown in counted)
    both = [shown.memory for shown in counted if len(shown.memory) == 2]
    memory = sum(each["trun"] for each in both) / max(1, sum(each["xdist"] for each in both))
    print(
        f"in sum {ratio:.2f} of the fastest for each (at most {MOST_OF_SUM}), memory {memory:.2f} of xdist's", end=" "
    )
    print(f"(at most {MOST_OF_MEMORY})")
    if ratio > MOST_OF_SUM:
        found.append(f"in sum {ratio:.2f} of the fastest")
    if memory > MOST_OF_MEMORY:
        found.append(f"memory {memory:.2f} of xdist's")
    return found + [f"{shown.name}: {shown.ratio():.2f}" for shown in counted if shown.ratio() > MOST_OF_ONE]


def add_options(parser: argparse.ArgumentParser, names: list[str], output: str) -> None:
    """What all benchmarks on real suites take; `output` is a file in the build folder."""
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(names)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count (3)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is not reached")
    parser.add_argument("--trun", type=Path, default=BUILD / "trun")
    parser.add_argument("--output", type=Path, default=BUILD / output)


def parsed(parser: argparse.ArgumentParser, arguments: list[str], names: list[str]) -> argparse.Namespace:
    options = parser.parse_intermixed_args(arguments)  # suites may follow an option
    if unknown := set(options.suites) - set(names):
        parser.error(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    if options.rounds < 1:
        parser.error("--rounds must be at least 1")
    return options


def parse(arguments: list[str], names: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench --real", description=__doc__, allow_abbrev=False)
    add_options(parser, names, "bench-real.json")
    return parsed(parser, arguments, names)


def main(arguments: list[str]) -> int:
    suites = [suite for path in LISTS for suite in load_real_suites(path)]
    options = parse(arguments, [suite.name for suite in suites])
    folder = BUILD / "bench-real"
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.trun.absolute(), folder, options.rounds)
    print("median seconds; trun's ratio to the fastest of the others; peak PSS in MB of xdist and trun")
    print(f"{'suite':<22}{''.join(f'{name:>9}' for name in RUNNERS)}{'ratio':>9}    xdist    trun", flush=True)
    all_shown = []
    for real in suites:
        if options.suites and real.name not in options.suites:
            continue
        try:
            all_shown.append(bench.measure(real, Path(sys.executable)))
        except (BadSuite, RunFailed, subprocess.CalledProcessError) as error:
            print(f"{real.name}: {error}", file=sys.stderr)
            return 2
        print(row(all_shown[-1]), flush=True)
    missed = misses(all_shown)
    options.output.write_text(json.dumps([dataclasses.asdict(shown) for shown in all_shown], indent=1) + "\n")
    print(f"all figures: {options.output}", *(f"NOT REACHED: {what}" for what in missed), sep="\n")
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
