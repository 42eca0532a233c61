"""kill -9 at random: whoever dies, the run ends, the ledger is exact, nothing is left.

The ledger is what the tests themselves wrote down: a line in a file when each began, by one write that is atomic. It is held
against the verdicts in the event log."""

import os
import random
import signal
import subprocess

import pytest

import harness

FILES, TESTS = 6, 8
MODULE = """
    import os
    import time

    import pytest

    @pytest.mark.parametrize("number", range(8))
    def test_n(number, request):
        ledger = os.open(os.environ["LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(ledger, (request.node.nodeid + "\\n").encode())
        os.close(ledger)
        time.sleep(0.03)
"""
ALL = {f"test_{letter}.py::test_n[{number}]" for letter in range(FILES) for number in range(TESTS)}
ROLES = ("guardian", "engine", "fork server", "worker")
ENDINGS = {"passed", "crashed", "worker_lost", "not_run"}


def one_run(suite, tmp_path, role, after):
    """Kills `role`, `after` seconds after the start or as soon as it is there. Returns the run, whether anything was killed, and
    the node ids that began."""
    ledger = tmp_path / "ledger"
    ledger.touch()
    ours = suite({f"test_{letter}.py": MODULE for letter in range(FILES)})
    process = ours.start("-n", "2", env={"LEDGER": str(ledger)})
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        pass
    processes = harness.Processes(process.pid)
    victim = harness.wait_until(lambda: process.poll() is not None or processes.find(role), 10)
    killed = process.poll() is None and victim is not None
    if killed:
        try:
            os.kill(victim, signal.SIGKILL)
        except ProcessLookupError:
            killed = False
    return ours.finish(process, limit=20), killed, ledger.read_text().split("\n")[:-1]


@pytest.mark.parametrize("seed", range(20))
def test_kill_at_random(suite, tmp_path, seed):
    chance = random.Random(seed)
    role = ROLES[seed % len(ROLES)]
    run, killed, began = one_run(suite, tmp_path, role, after=chance.uniform(0.05, 1.3))
    verdicts = run.verdicts() if (run.reports / "events.jsonl").exists() else {}
    assert len(began) == len(set(began)), f"{role}: a test began twice"
    assert set(began) <= ALL
    assert set(verdicts) <= ALL
    assert all(len(each) == 1 for each in verdicts.values()), f"{role}: two verdicts on one test"
    assert {each[0] for each in verdicts.values()} <= ENDINGS
    assert {name for name, each in verdicts.items() if each == ["passed"]} <= set(began), "passed, but never began"
    if killed and role in ("guardian", "engine"):
        assert run.code != 0
    else:
        assert set(verdicts) == ALL, f"{role}: {run.said}"
        # Who was killed in its set-up has a verdict and no line in the ledger.
        silent = {name for name, each in verdicts.items() if each != ["not_run"]} - set(began)
        assert len(silent) <= (role == "worker" and killed)
        assert all(verdicts[name] in (["crashed"], ["worker_lost"]) for name in silent)
        assert run.junit_text().rstrip().endswith("</testsuites>")
        assert (run.code == 0) == (set(map(tuple, verdicts.values())) == {("passed",)})


def test_a_worker_killed_under_a_test_costs_that_test_only(suite, tmp_path):
    run, killed, _ = one_run(suite, tmp_path, "worker", after=1.0)
    assert killed
    bad = [each for each in run.verdicts().values() if each != ["passed"]]
    assert len(bad) <= 1
