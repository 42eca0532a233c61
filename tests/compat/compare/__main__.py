"""The command line: chooses suites and combinations, runs the tasks side by side, prints what came of them."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path
from typing import Optional

from compare.combinations import Combination, pairwise, quick, whole_product
from compare.interpreter import why_not
from compare.real_suites import load_real_suites, prepare
from compare.runner import Outcome, Task, run_task
from compare.suites import COLLECTS, LANES, Suite, Variant, load_flaky, load_suites
from compare.table import closing_text, row_text, table_text

HERE = Path(__file__).resolve().parent.parent


def arguments(argv: Optional[list[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="compat", description="Compares trun's verdicts with pytest's.")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help="SUITE or SUITE/VARIANT; default: every one")
    parser.add_argument("--trun", type=Path, default=HERE.parent.parent / "build" / "trun", help="default: build/trun")
    parser.add_argument(
        "--python", type=Path, default=Path(sys.executable), help="interpreter with tests/requirements.txt"
    )
    parser.add_argument("--self-check", action="store_true", help="pytest against itself and xdist; needs no trun")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="each value of each mode in each suite")
    size.add_argument("--full", action="store_true", help="the whole product, and all real suites")
    parser.add_argument("--only-real", action="store_true", help="no fixture suites")
    parser.add_argument("--plugins", action="store_true", help="the suites of plugin_suites/ instead; no real suites")
    parser.add_argument("--no-real", action="store_true", help="no real suites: nothing is downloaded")
    parser.add_argument("--collect", choices=COLLECTS, help="only combinations with this way of collecting")
    parser.add_argument("--lane", choices=LANES, help="only combinations with this lane")
    parser.add_argument("-n", type=int, choices=(0, 1, 2), dest="numprocesses", help="only combinations with this -n")
    parser.add_argument(
        "--limit", type=float, default=120.0, metavar="SECONDS", help="wall limit of each run; default 120"
    )
    parser.add_argument("--jobs", type=int, default=2, help="variants compared side by side; default 2")
    parser.add_argument("--list", action="store_true", help="print the suites and their combinations and do nothing")
    return parser.parse_args(argv)


def combinations(
    options: argparse.Namespace, suite: Suite, variant: Variant, turn: int, first: int, real: bool
) -> tuple[Combination, ...]:
    if options.full or options.collect or options.lane or options.numprocesses is not None:
        chosen = whole_product(variant)
    elif real or options.quick:
        chosen = quick(variant, turn, first, sum(is_chosen(options, suite, each) for each in suite.variants))
    else:
        chosen = pairwise(variant, turn, len(suite.variants))
    wanted = [("collect", options.collect), ("lane", options.lane), ("numprocesses", options.numprocesses)]
    return tuple(c for c in chosen if all(value is None or getattr(c, name) == value for name, value in wanted))


def is_chosen(options: argparse.Namespace, suite: Suite, variant: Variant) -> bool:
    return not options.suites or suite.name in options.suites or f"{suite.name}/{variant.name}" in options.suites


def fixture_tasks(options: argparse.Namespace, skipped: list[tuple[str, str]]) -> list[Task]:
    tasks: list[Task] = []
    folder = "plugin_suites" if options.plugins else "suites"
    for suite in load_suites(HERE / folder, HERE / "flaky.json"):
        variants = [variant for variant in suite.variants if is_chosen(options, suite, variant)]
        reason = why_not(suite, options.python) if variants else None
        if reason is not None:
            skipped += [(f"{suite.name}/{variant.name}", reason) for variant in variants]
            continue
        first = len(tasks)
        tasks += [_task(options, suite, variant, first + place, first) for place, variant in enumerate(variants)]
    return tasks


def real_tasks(options: argparse.Namespace) -> list[Task]:
    flaky = load_flaky(HERE / "flaky.json")
    tasks = []
    for turn, real in enumerate(load_real_suites(HERE / "real_suites.json")):
        named = real.name in options.suites
        if not (named or (not options.suites and (options.full or not real.full_only))):
            continue
        suite = prepare(real, options.python, flaky)
        tasks.append(replace(_task(options, suite, suite.variants[0], turn, turn, real=True), stable=True))
    return tasks


def _task(
    options: argparse.Namespace, suite: Suite, variant: Variant, turn: int, first: int, real: bool = False
) -> Task:
    return Task(
        suite=suite,
        variant=variant,
        python=suite.python or options.python,
        combinations=combinations(options, suite, variant, turn, first, real),
        trun=None if options.self_check else options.trun.absolute(),
        limit=suite.limit or options.limit,
    )


def run_all(tasks: Iterable[Task], jobs: int) -> list[Outcome]:
    outcomes = []
    with tempfile.TemporaryDirectory(prefix="compat-") as top, ThreadPoolExecutor(jobs) as pool:
        futures = [pool.submit(run_task, task, _folder(top, index)) for index, task in enumerate(tasks)]
        for future in as_completed(futures):
            outcome = future.result()
            outcomes.append(outcome)
            for row in outcome.rows:
                if row.differences:
                    print(row_text(row), end="\n\n", flush=True)
    return outcomes


def _folder(top: str, index: int) -> Path:
    """Short, and of one length: pytest cuts long texts, and paths are in them."""
    folder = Path(top).resolve() / f"{index:03}"
    folder.mkdir()
    return folder


def main(argv: Optional[list[str]] = None) -> int:
    options = arguments(argv)
    options.python = options.python.absolute()  # not resolved: a virtual environment is known by its own path
    skipped: list[tuple[str, str]] = []
    tasks = [] if options.only_real else fixture_tasks(options, skipped)
    if not (options.no_real or options.plugins):
        tasks += real_tasks(options)
    if options.list:
        print("\n".join(f"{task.name}: {', '.join(map(str, task.combinations))}" for task in tasks))
        return 0
    if not options.self_check and not options.trun.exists():
        print(f"compat: {options.trun} does not exist: run ./dev build, or name another with --trun", file=sys.stderr)
        return 2
    outcomes = run_all(tasks, options.jobs)
    print(table_text(outcomes, skipped))
    print(closing_text(outcomes, len(skipped)))
    return 0 if outcomes and not any(row.differences for outcome in outcomes for row in outcome.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
