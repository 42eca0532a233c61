"""Compares one variant: the baseline under pytest, then each combination, one after the other in one workplace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Optional

from compare.combinations import Combination, workers_option
from compare.differ import Strictness, compare
from compare.recording import Recording
from compare.sides import Late, Side, Unusable
from compare.suites import Numprocesses, Suite, Variant
from compare.workplace import Workplace

#: Exit code of trun when a forced way of collecting is refused.
REFUSED = 4


@dataclass(frozen=True)
class Task:
    """A variant with what is to be run of it. `trun` None: a self-check, against pytest itself and through xdist."""

    suite: Suite
    variant: Variant
    python: Path
    combinations: tuple[Combination, ...] = ()
    trun: Optional[Path] = None
    limit: float = 120.0
    stable: bool = False  # two baselines, which must be equal

    @property
    def name(self) -> str:
        return f"{self.suite.name}/{self.variant.name}"


@dataclass
class Row:
    """One comparison; no differences: passed."""

    task: str
    against: str
    differences: list[str] = field(default_factory=list)


@dataclass
class Outcome:
    """What came of a Task. `tests` counts the baseline's finished tests."""

    task: str
    rows: list[Row]
    tests: int = 0


def run_task(task: Task, base: Path) -> Outcome:
    place = Workplace(base, task.suite, task.variant)
    side = Side(place, task.variant, task.python, task.limit)
    try:
        return _compare_all(task, side)
    except Late as late:
        return Outcome(task.name, [Row(task.name, "pytest", [str(late)])])
    finally:
        if base.exists():
            place.remove()


def _compare_all(task: Task, side: Side) -> Outcome:
    baseline = side.run_pytest(_one_process(task.variant))
    wrong = _baseline_faults(task, side, baseline)
    if wrong:
        return Outcome(task.name, [Row(task.name, "pytest", wrong)], len(baseline.finished))
    rows = _self_check(task, side, baseline) if task.trun is None else _against_trun(task, side, baseline, task.trun)
    return Outcome(task.name, rows, len(baseline.finished))


def _baseline_faults(task: Task, side: Side, baseline: Recording) -> list[str]:
    """What makes the baseline useless: another exit code than the suite declares, or another result the second time."""
    if baseline.exit_code != task.variant.exit_code:
        tail = baseline.output.strip()[-2000:]
        return [f"pytest ended with {baseline.exit_code}, the suite declares {task.variant.exit_code}\n{tail}"]
    if not task.stable:
        return []
    strict = Strictness(whole_order=True, printed=task.variant.printed, flaky=task.suite.flaky)
    again = side.run_pytest(_one_process(task.variant))
    return [f"the baseline is not stable: {found}" for found in compare(baseline, again, strict)]


def _one_process(variant: Variant) -> list[str]:
    """What makes pytest run the suite itself, where its own settings ask xdist to."""
    return ["-n", "0"] if "own" in variant.numprocesses else []


def _self_check(task: Task, side: Side, baseline: Recording) -> list[Row]:
    whole = Strictness(whole_order=True, printed=task.variant.printed, flaky=task.suite.flaky)
    rows = [_row(task, "pytest again", baseline, whole, partial(side.run_pytest, _one_process(task.variant)))]
    loose = Strictness(stand_in=True, verdicts=task.variant.verdicts, flaky=task.suite.flaky)
    for number in task.variant.numprocesses:
        if number not in (0, "own", "auto") and not task.variant.xdist and task.variant.oracle == "pytest":
            options = [*_xdist(number), "--dist", "loadfile"]
            rows.append(_row(task, f"xdist -n {number}", baseline, loose, partial(side.run_pytest, options)))
    return rows


def _against_trun(task: Task, side: Side, baseline: Recording, trun: Path) -> list[Row]:
    rows = []
    by_xdist: dict[Numprocesses, Recording] = {}
    for combination in task.combinations:
        reason = task.variant.refuses.get(combination.collect)
        if reason is not None:
            rows.append(Row(task.name, str(combination), _refusal(side, trun, combination, reason)))
            continue
        oracle = baseline
        if task.variant.oracle == "xdist" and combination.numprocesses != 0:
            if combination.numprocesses not in by_xdist:
                by_xdist[combination.numprocesses] = _run_xdist(task.variant, side, combination.numprocesses)
            oracle = by_xdist[combination.numprocesses]
        run = partial(_run_trun, task.variant, side, trun, combination)
        rows.append(_row(task, str(combination), oracle, _strictness(task, combination), run))
    return rows


def _run_xdist(variant: Variant, side: Side, numprocesses: Numprocesses) -> Recording:
    whole_files = ["--dist", "loadfile"] if variant.whole_files else []
    return side.run_pytest([*_xdist(numprocesses), *whole_files])


def _xdist(numprocesses: Numprocesses) -> list[str]:
    """Loaded by name: a suite may have switched off that plugins are found by themselves."""
    return ["-p", "xdist", *workers_option(numprocesses)]


def _run_trun(variant: Variant, side: Side, trun: Path, combination: Combination) -> Recording:
    other = side.run_trun(trun, combination)
    if combination.numprocesses == 2 and len(other.workers) < variant.workers:
        raise Unusable(f"{len(other.workers)} workers ran tests, not {variant.workers}:\n{other.output.strip()[:2000]}")
    return other


def _strictness(task: Task, combination: Combination) -> Strictness:
    variant, alone = task.variant, combination.numprocesses == 0
    return Strictness(
        whole_order=alone,
        printed=variant.printed,
        verdicts=not alone and (variant.verdicts or variant.oracle == "xdist"),
        flaky=task.suite.flaky,
    )


def _row(task: Task, against: str, baseline: Recording, strict: Strictness, run: Callable[[], Recording]) -> Row:
    try:
        other = run()
    except (Late, Unusable) as error:
        return Row(task.name, against, [str(error)])
    found = [str(difference) for difference in compare(baseline, other, strict)]
    if found:
        tail = "\n".join(f"    {line}" for line in other.output.strip().splitlines()[-12:])
        found.append(f"the end of the other's output\n{tail}")
    return Row(task.name, against, found)


def _refusal(side: Side, trun: Path, combination: Combination, reason: str) -> list[str]:
    """trun must refuse, by exit 4 and by name, before any test ran."""
    try:
        other = side.run_trun(trun, combination)
    except (Late, Unusable) as error:
        return [str(error)]
    found = []
    if other.exit_code != REFUSED:
        found.append(f"expected a refusal (exit {REFUSED}) that names {reason!r}, got exit {other.exit_code}")
    elif reason not in other.output:
        found.append(f"the refusal does not name {reason!r}:\n{other.output.strip()[-2000:]}")
    if other.finished:
        found.append(f"refused, yet {len(other.finished)} tests ran")
    return found
