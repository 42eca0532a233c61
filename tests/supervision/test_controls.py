"""Negative controls: without the mechanism, the check that watches it fails. One for each class of check.

What the engine does is turned off in trun_without.cc, what the worker does in sabotage/sitecustomize.py."""

from pathlib import Path

import pytest
from conftest import DEFAULT, run_group

import cases
import harness

WITHOUT = harness.REPOSITORY / "build" / "trun_without"
SABOTAGE = str(Path(__file__).with_name("sabotage"))


def outcome(name, tmp_path, limit=120.0, **sabotage):
    """A case alone among its neighbours, with nothing or something turned off."""
    case = cases.read_case(next(cases.FOLDER.glob(f"{name}*")))
    env = {"TRUN_WITHOUT": sabotage.get("engine", ""), "SABOTAGE": sabotage.get("worker", ""), "PYTHONPATH": SABOTAGE}
    return case, run_group(cases.Group(name, (case,)), DEFAULT, tmp_path, limit, program=WITHOUT, env=env)


def check(case, result):
    assert not result.failure, result.failure
    result.check_case(case)
    result.check_ledger()


CONTROLS = {
    # The check: (a case, what is turned off, how its failure is told, seconds that the run may take)
    "no survivor": ("fork_daemon", {"engine": "sweep"}, "left behind", 120),
    "wall-clock limit": ("hang_sigterm_ignored", {"engine": "kill"}, "not over after", 10),
    "limit of a test": ("hang_sleep", {"worker": "limits"}, "not over after", 10),
    "verdict of who was stopped": ("hang_then_pass_on_sigterm", {"engine": "verdict"}, "test_guilty: ", 120),
    "innocents once": ("fork_returns", {"worker": "pages"}, "began 2 times|verdicts|instead of|: \\[", 120),
    "lost results": ("die_kill_9", {"worker": "ring"}, "not over after", 10),
    "leaks": ("ports_left", {"worker": "leaks"}, "test_guilty left behind", 120),
}


#: What is turned off there opens a race, which goes wrong every other time: the check must fail in one of so many runs.
RACES = {"innocents once": 24}


@pytest.mark.parametrize("control", CONTROLS)
def test_without_the_mechanism_the_check_fails(control, tmp_path):
    name, off, complaint, limit = CONTROLS[control]
    with pytest.raises(AssertionError, match=complaint):
        for run in range(RACES.get(control, 1)):
            folder = tmp_path / str(run)
            folder.mkdir()
            check(*outcome(name, folder, limit, **off))


@pytest.mark.parametrize("name", sorted({each[0] for each in CONTROLS.values()}))
def test_with_all_of_them_it_passes(name, tmp_path):
    """The same program, the same case, nothing turned off: it is the mechanism that makes the difference."""
    check(*outcome(name, tmp_path))
