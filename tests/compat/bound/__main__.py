"""Suites that are bound to a process by an import, under trun: every test passes, as under xdist. `./dev bound`.

Each case (table.py) is a text that a conftest, a plugin or a test module holds: it starts a thread, opens a connection, makes
a folder, reads a worker's name. It passes where each worker has imported it by itself, and under one pytest. It fails or hangs
where workers share what one import made, or have lost it. Cases of unbound.py bind nothing, and must not keep workers from being
forked.
"""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Optional

from bound.case import PLACES, Case
from bound.run_way import Runner
from bound.servers import Missing, served
from bound.table import CASES, COLLECTS, NUMPROCESSES, Way, every_way, one_way, some_ways
from compare.interpreter import probe

REPOSITORY = Path(__file__).resolve().parents[3]


def arguments(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bound", description="Runs suites that are bound to a process.")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="names, or beginnings of names; default: all")
    parser.add_argument("--trun", type=Path, default=REPOSITORY / "build" / "trun")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="with tests/plugin-requirements.txt")
    parser.add_argument("--oracle", action="store_true", help="under pytest and xdist instead: checks the table")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="each case once, -n 2, the way to collect left to trun")
    size.add_argument("--full", action="store_true", help="each case in every way")
    parser.add_argument("--place", choices=PLACES)
    parser.add_argument("-n", type=int, choices=NUMPROCESSES, dest="numprocesses")
    parser.add_argument("--collect", choices=COLLECTS)
    parser.add_argument("--times", type=int, default=1, help="how often each way is run; default 1")
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args(argv)


def ways_of(options: argparse.Namespace, cases: tuple[Case, ...]) -> list[Way]:
    asked = [("place", options.place), ("numprocesses", options.numprocesses), ("collect", options.collect)]
    narrowed = any(value is not None for _, value in asked)
    chosen = every_way(cases) if options.full or narrowed else one_way(cases) if options.quick else some_ways(cases)
    kept = [way for way in chosen if all(value is None or getattr(way, name) == value for name, value in asked)]
    times: int = options.times
    return kept * times


def missing_modules(python: Path, case: Case) -> tuple[str, ...]:
    return probe(python, case.requires).missing


@contextlib.contextmanager
def all_servers(cases: Sequence[Case]) -> Iterator[dict[str, dict[str, str]]]:
    """Variables by server, of those that the cases want. Raises Missing."""
    with contextlib.ExitStack() as stack:
        top = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bound-servers-")))
        top.chmod(0o755)  # PostgreSQL's user has to come through
        names = sorted({case.server for case in cases if case.server})
        yield {"": {}, **{name: stack.enter_context(served(name, top / name)) for name in names}}


def run_all(ways: list[Way], runner: Runner, variables: dict[str, dict[str, str]], jobs: int) -> list[str]:
    """The failures, worded; each is printed as it comes."""
    failures = []
    with ThreadPoolExecutor(jobs) as pool:
        results = pool.map(lambda way: runner.wrong(way, variables[way.case.server]), ways)
        for way, wrong in zip(ways, results):
            if wrong is not None:
                failures.append(f"FAILED {way}: {wrong}")
                print(failures[-1], flush=True)
    return failures


def main(argv: Optional[Sequence[str]] = None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # servers end with us
    options = arguments(argv)
    python = options.python.absolute()
    wanted = [case for case in CASES if not options.cases or any(case.name.startswith(name) for name in options.cases)]
    cases = tuple(case for case in wanted if not missing_modules(python, case))
    for case in wanted:
        if case not in cases:
            print(f"skipped {case.name}: needs {', '.join(missing_modules(python, case))}")
    ways = ways_of(options, cases)
    runner = Runner(None if options.oracle else options.trun.absolute(), python)
    try:
        with all_servers(cases) as variables:
            failures = run_all(ways, runner, variables, options.jobs)
    except Missing as missing:
        print(f"bound: {missing} is not installed: ./dev bound installs it", file=sys.stderr)
        return 2
    for failure in failures:
        print(failure.splitlines()[0])
    print(f"{len(ways) - len(failures)} passed, {len(failures)} failed, {len(wanted) - len(cases)} skipped")
    return 0 if ways and not failures else 1


if __name__ == "__main__":
    sys.exit(main())
