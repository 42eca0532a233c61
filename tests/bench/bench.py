"""./dev bench: trun beside pytest and pytest-xdist on generated suites.

All run the same suite with the same interpreter, in turn (A B C A B C ...), with a JUnit file and default capture, and must
reach the same verdicts. Printed are medians and their ratios, beside the ratios that trun is to reach."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

from generated import SUITES, Suite
from measure import Measured, RunFailed, environment, run

BUILD = Path(__file__).resolve().parents[2] / "build"
SUITE_NAMES = tuple(suite.name for suite in SUITES)
RUNNERS = ("pytest", "xdist", "trun")
PLUGINS: dict[str, tuple[str, ...]] = {
    "cov": ("--cov=.", "--cov-report=xml:{folder}/coverage.xml"),
    "html": ("--html={folder}/report.html", "--self-contained-html"),
    "report-log": ("--report-log={folder}/report-log.jsonl",),
    "idle host": ("-p", "idle_host"),
}
"""What a case may add, and the options that it has then."""
ENVIRONMENTS = {
    "plugins": "",
    "many": "10 idle plugins",
    "pytest-8.4": "pytest 8.4",
    "django": "",
    "python3.14": "Python 3.14",
    "python3.15": "Python 3.15",
}
"""What an environment is called in a row where nothing is added to it."""
IDLE_HOST = "def pytest_testnodedown(node, error):\n    pass\n"
"""A hook of xdist's controller: somebody listens, and does nothing."""
BARE = ("--timeout=0", "--slow=0", "--leak=ignore")
"""What turns limits and leak checks off: trun with them is the runner "bare"."""


@dataclass(frozen=True)
class Target:
    """The median of trun is to be at most `limit` times that of `against`."""

    against: str
    limit: float


@dataclass(frozen=True)
class Case:
    suite: str
    what: str
    """"warm": wall seconds; "cold": the same, the suite's .pyc files removed before each run; "restored": these, but not what
    trun keeps below .trun; "memory": peak PSS in MB."""
    workers: int = 2
    targets: tuple[Target, ...] = ()
    runners: tuple[str, ...] = RUNNERS
    rounds: int = 5
    added: str = ""
    """Of PLUGINS."""
    environment: str = ""
    """Of --environment; without: nothing but pytest, xdist and trun is installed."""

    @property
    def name(self) -> str:
        more = self.added or ENVIRONMENTS.get(self.environment, "")
        return f"{self.suite} + {more}" if more else self.suite


CASES = (
    Case("small", "warm", targets=(Target("pytest", 0.22), Target("xdist", 0.18))),
    # Single runs differ by more than what is asked for here: medians of many.
    Case("small", "warm", targets=(Target("bare", 1.05),), runners=("bare", "trun"), rounds=25),
    Case("one", "warm", targets=(Target("pytest", 1.2),)),
    Case("cases", "warm"),
    Case("waiting", "warm", targets=(Target("pytest", 0.55),)),
    Case("tail", "warm"),
    Case("imports", "warm"),
    Case("small", "cold"),
    Case("imports", "cold"),
    Case("small", "restored", targets=(Target("warm", 1.3),), runners=("warm", "trun")),
    Case("small", "memory", 4, (Target("xdist", 0.5),), rounds=3),
    Case("imports", "memory", 4, (Target("xdist", 0.5),), rounds=3),
    Case("listened", "warm", targets=(Target("pytest", 0.35),), rounds=3),
    Case("unittest", "warm", targets=(Target("pytest", 0.3),), rounds=3),
    Case("marked", "warm", targets=(Target("pytest", 0.25),), rounds=3),
    Case("async", "warm", targets=(Target("pytest", 0.5),), rounds=3, environment="many"),
    Case("small", "warm", targets=(Target("pytest", 0.2),), rounds=3, environment="many"),
    Case("small", "warm", targets=(Target("pytest", 0.2),), rounds=3, environment="pytest-8.4"),
    Case("small", "warm", targets=(Target("pytest", 0.2),), rounds=3, environment="python3.14"),
    Case("small", "warm", targets=(Target("pytest", 0.2),), rounds=3, environment="python3.15"),
    Case("django", "warm", targets=(Target("pytest", 0.5),), rounds=3, environment="django"),
    Case("long", "warm", targets=(Target("pytest", 0.55),)),
    *(
        Case("small", "warm", 2, (Target("xdist", 0.5),), ("xdist", "trun"), 3, added, "plugins")
        for added in ("cov", "html", "report-log")
    ),
    Case("small", "warm", 2, (Target("without", 1.05),), ("without", "trun"), 15, "idle host", "plugins"),
)


@dataclass
class Outcome:
    """What one case showed: every figure, in the order measured, by runner."""

    case: Case
    figures: dict[str, list[float]] = field(default_factory=dict)

    def add(self, runner: str, measured: Measured) -> None:
        figure = measured.seconds if measured.peak_pss is None else measured.peak_pss / 1e6
        self.figures.setdefault(runner, []).append(figure)

    def median(self, runner: str) -> float:
        return statistics.median(self.figures[runner])

    def ratio(self, against: str) -> float:
        return self.median("trun") / self.median(against)

    def misses(self) -> list[Target]:
        return [target for target in self.case.targets if self.ratio(target.against) > target.limit]


@dataclass(frozen=True)
class Bench:
    trun: Path
    python: Path
    environments: dict[str, Path]
    """Interpreters by name."""
    folder: Path
    rounds: int | None
    """None: each case its own number."""

    def measure(self, case: Case) -> Outcome:
        suite = next(suite for suite in SUITES if suite.name == case.suite)
        root = suite.write(self.folder)
        outcome = Outcome(case)
        # Fills the caches; a peak of memory needs only the suite's.
        self._turn(case, suite, root, case.runners[:1] if case.what == "memory" else case.runners, None)
        for _ in range(self.rounds or case.rounds):
            self._turn(case, suite, root, case.runners, outcome)
        return outcome

    def _turn(self, case: Case, suite: Suite, root: Path, runners: tuple[str, ...], outcome: Outcome | None) -> None:
        """One run of each of `runners`; `outcome` None: not counted."""
        for runner in runners:
            environment = self._environment(runner, case, root)
            junit = self.folder / f"{suite.name}-{case.what}-{runner}.xml"
            command = self._command(runner, case, junit)
            measured = run(command, root, junit, environment, memory=case.what == "memory")
            if measured.verdicts != suite.verdicts:
                raise RunFailed(f"{runner} on {suite.name}: {measured.verdicts}, not {suite.verdicts}")
            if outcome is not None:
                outcome.add(runner, measured)

    def _command(self, runner: str, case: Case, junit: Path) -> list[str]:
        python = str(self.environments.get(case.environment, self.python))
        pytest = [python, "-m", "pytest", f"--junitxml={junit}"]
        parallel = ["-n", str(case.workers)]
        trun = [str(self.trun), "--python", python, *parallel, f"--junitxml={junit}"]
        added = [option.format(folder=self.folder) for option in PLUGINS.get(case.added, ())]
        return {
            "pytest": [*pytest, *added],
            "xdist": [*pytest, *parallel, *added],
            "trun": [*trun, *added],
            "bare": [*trun, *BARE],
            "without": trun,
            "warm": trun,
        }[runner]

    def _environment(self, runner: str, case: Case, root: Path) -> dict[str, str]:
        """As for all runners. Cold runs keep all .pyc files in a folder of their own, out of
        which those of the suite are taken: the standard library and pytest are never cold in real life."""
        kept = environment()
        if case.added == "idle host":
            (self.folder / "idle_host.py").write_text(IDLE_HOST)
            kept["PYTHONPATH"] = str(self.folder)
        if case.what in ("cold", "restored") and runner != "warm":
            caches = self.folder / "cold-caches"
            kept["PYTHONPYCACHEPREFIX"] = str(caches)
            shutil.rmtree(caches / root.relative_to("/"), ignore_errors=True)
        if case.what == "cold":
            shutil.rmtree(root / ".trun", ignore_errors=True)
        return kept


def row(outcome: Outcome) -> str:
    case = outcome.case
    medians = "".join(f"{outcome.median(name):>9.2f}" if name in case.runners else f"{'-':>9}" for name in RUNNERS)
    ratios = "".join(f"{outcome.ratio(name):>9.2f}" if name in case.runners else f"{'-':>9}" for name in RUNNERS[:2])
    targets = [f"{t.against} {t.limit}: {outcome.ratio(t.against):.2f} {verdict_on(outcome, t)}" for t in case.targets]
    return f"{case.name:<26} {case.what:<7} -n {case.workers}{medians}{ratios}   {', '.join(targets)}".rstrip()


def verdict_on(outcome: Outcome, target: Target) -> str:
    return "NOT REACHED" if target in outcome.misses() else "reached"


HEAD = f"{'suite':<26} {'what':<7} {'':<4}{'pytest':>9}{'xdist':>9}{'trun':>9}{'/pytest':>9}{'/xdist':>9}   at most"


def versions(python: Path) -> dict[str, str]:
    code = (
        "import importlib.metadata as m, platform, json;"
        "print(json.dumps({'python': platform.python_version(), **{n: m.version(n) for n in ('pytest', 'pytest-xdist')}}))"
    )
    text = subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout
    found: dict[str, str] = json.loads(text)
    return found


def report(outcomes: list[Outcome], python: Path) -> dict[str, object]:
    cases = [
        {
            **asdict(outcome.case),
            "unit": "MB" if outcome.case.what == "memory" else "s",
            "figures": outcome.figures,
            "medians": {name: outcome.median(name) for name in outcome.figures},
            "reached": not outcome.misses(),
        }
        for outcome in outcomes
    ]
    return {
        "version": 1,
        "machine": {"cpus": os.cpu_count(), "kernel": platform.release()},
        **versions(python),
        "cases": cases,
    }


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, allow_abbrev=False)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITE_NAMES)}; all if none is named")
    parser.add_argument("--quick", action="store_true", help="three rounds, warm and memory only")
    parser.add_argument("--rounds", type=int, help="rounds that count, of every case (5; some more or less)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is not reached")
    parser.add_argument("--trun", type=Path, default=BUILD / "trun")
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument(
        "--environment",
        action="append",
        default=[],
        metavar="NAME=PYTHON",
        help=f"the interpreter of another environment: {', '.join(ENVIRONMENTS)}",
    )
    parser.add_argument("--output", type=Path, default=BUILD / "bench.json")
    options = parser.parse_args(arguments)
    if unknown := set(options.suites) - set(SUITE_NAMES):
        parser.error(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(SUITE_NAMES)}")
    options.environments = {}
    for given in options.environment:
        name, _, python = given.partition("=")
        if name not in ENVIRONMENTS or not python:
            parser.error(f"--environment {given}: NAME=PYTHON is expected, with one of {', '.join(ENVIRONMENTS)}")
        options.environments[name] = Path(python).absolute()
    return options


def chosen(options: argparse.Namespace) -> list[Case]:
    return [
        case
        for case in CASES
        if (not options.suites or case.suite in options.suites)
        and not (options.quick and case.what in ("cold", "restored"))
        and (not case.environment or case.environment in options.environments)
    ]


def main(arguments: list[str]) -> int:
    options = parse(arguments)
    folder = BUILD / "bench-suites"
    folder.mkdir(parents=True, exist_ok=True)
    print("medians; seconds, or MB of the whole process tree (PSS)", HEAD, sep="\n", flush=True)
    outcomes = []
    rounds = options.rounds or (3 if options.quick else None)
    # Not resolved: a virtual environment's python is a symbolic link, and where it lies says which environment it is.
    python = options.python.absolute()
    bench = Bench(options.trun.absolute(), python, options.environments, folder, rounds)
    for case in chosen(options):
        try:
            outcomes.append(bench.measure(case))
        except RunFailed as error:
            print(f"{case.name} {case.what}: {error}", file=sys.stderr)
            return 2
        print(row(outcomes[-1]), flush=True)
    options.output.write_text(json.dumps(report(outcomes, options.python), indent=1) + "\n")
    print(f"all figures: {options.output}")
    missed = any(outcome.misses() for outcome in outcomes)
    return 1 if options.check and missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
