"""The ways to run the corpus, and the runs, each made once for all that is asked of it."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from suites import be_a_users_shell, suite  # noqa: F401

import cases
import harness
from outcome import Outcome

collect_ignore = ["corpus"]

DEFAULT = "auto-auto-n4"
# Each lane with each way to collect, each of these with few and with many workers, and pytest's own process.
PAIRWISE = (
    DEFAULT,
    *"standard-once-n2 auto-each-n2 standard-sharded-n4 auto-once-n4 standard-each-n1 auto-auto-n0".split(),
)
FULL = tuple(
    dict.fromkeys(
        [DEFAULT]
        + [
            "-".join(parts)
            for parts in itertools.product(("auto", "standard"), ("sharded", "once", "each"), ("n1", "n2", "n4"))
        ]
        + ["auto-auto-n0", "standard-auto-n0"]
    )
)
LIMIT = 300.0
"""Seconds for the run of a whole group."""
AT_ONCE = 4


def pytest_addoption(parser):
    parser.addoption("--full", action="store_true", help="every case in every way to run")


def pytest_configure(config):
    be_a_users_shell()


@functools.cache
def corpus() -> list[cases.Group]:
    return cases.groups_of(cases.read_corpus())


def ways_of(group: cases.Group, full: bool) -> list[str]:
    """A case that is alone takes the default way and one other, by turns, so that the whole covers all pairs."""
    if full:
        return list(FULL)
    if not group.alone:
        return list(PAIRWISE)
    alone = [each.name for each in corpus() if each.alone]
    return [DEFAULT, PAIRWISE[1 + alone.index(group.name) % (len(PAIRWISE) - 1)]]


def pytest_generate_tests(metafunc):
    if "group" not in metafunc.fixturenames:
        return
    full = metafunc.config.getoption("--full")
    pairs = [(way, group) for group in corpus() for way in ways_of(group, full)]
    if "case" in metafunc.fixturenames:
        values = [
            pytest.param(way, group, case, id=f"{way}-{case.name}")
            for way, group in pairs
            for case in group.cases
            if not excluded(case, way)
        ]
        metafunc.parametrize(("way", "group", "case"), values)
    else:
        values = [pytest.param(way, without(group, way), id=f"{way}-{group.name}") for way, group in pairs]
        metafunc.parametrize(("way", "group"), [each for each in values if each.values[1].cases])


def excluded(case: cases.Case, way: str) -> bool:
    return bool(set(case.declared.not_in) & set(way.split("-")))


def without(group: cases.Group, way: str) -> cases.Group:
    return cases.Group(group.name, tuple(case for case in group.cases if not excluded(case, way)))


def stretched(options: Sequence[str], factor: float) -> list[str]:
    """With more seconds for what is timed: no limit of a run may strike what is only slow."""
    return [
        str(round(float(word) * factor)) if name.endswith("-timeout") else word
        for name, word in zip(("", *options), options)
    ]


def run_group(
    group: cases.Group, way: str, folder: Path, limit: float = LIMIT, program=harness.TRUN, env=None
) -> Outcome:
    lane, collect, workers = way.split("-")
    ours = harness.Suite(folder / "suite", group.files())
    ledger = folder / "ledger"
    before = harness.busyness()
    count = group.cases[0].declared.workers
    options = [
        "--lane",
        lane,
        "--collect",
        collect,
        "-n",
        workers[1:] if count is None or workers == "n0" else str(count),
    ]
    options += stretched(group.options, before)
    run, failure = None, ""
    try:
        run = ours.trun(*options, limit=limit * before, program=program, env={"LEDGER": str(ledger), **(env or {})})
    except AssertionError as error:
        failure = str(error)
    finally:
        ours.kill_all()
    return Outcome(group, run, failure, ledger, ours.reports, max(before, harness.busyness()))


class Runs:
    """The runs of the groups, several at once: most of their time they wait, and no run may touch another's processes."""

    def __init__(self, wanted: dict[tuple[str, str], cases.Group], folder: Path) -> None:
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._made = {
            key: self._pool.submit(run_group, group, key[1], folder / f"{number}-{key[1]}")
            for number, (key, group) in enumerate(wanted.items())
        }

    def of(self, group: cases.Group, way: str) -> Outcome:
        return self._made[group.name, way].result()

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)


@pytest.fixture(scope="session")
def runs(request, tmp_path_factory) -> Iterator[Runs]:
    """With -k only the cases that are asked for run; whoever asks for the run as a whole asks for all of its cases."""
    wanted: dict[tuple[str, str], dict[str, cases.Case]] = {}
    for item in request.session.items:
        asked = item.callspec.params if hasattr(item, "callspec") else {}
        if "group" in asked:
            members = [asked["case"]] if "case" in asked else asked["group"].cases
            wanted.setdefault((asked["group"].name, asked["way"]), {}).update({each.name: each for each in members})
    groups = {key: cases.Group(key[0], tuple(members.values())) for key, members in wanted.items()}
    started = Runs(groups, tmp_path_factory.mktemp("runs"))
    yield started
    started.close()
