"""Runs with services that somebody interrupts or kills, or whose worker dies: no process and no file of a service is left."""

import os
import signal

import pytest
from one_service import TWO, one

import harness


@pytest.mark.parametrize("victim", ["engine", "guardian"])
def test_kill_9_of_trun_leaves_no_service(services, victim):
    tests = TWO.replace(
        "def test_needs_it():\n        pass",
        "def test_needs_it():\n        import time; open('at-work', 'w').close(); time.sleep(60)",
    )
    suite = services(one(options=', "--daemon"'), {"test_a.py": tests})
    process = suite.start("-n", "2")
    assert harness.wait_until((suite.root / "at-work").exists, harness.LIMIT), "not started"
    os.kill(harness.Processes(process.pid).find(victim), signal.SIGKILL)
    run = suite.finish(process)  # looks for survivors
    assert run.code != 0


def test_ctrl_c_stops_services_too(services):
    tests = TWO.replace(
        "def test_needs_it():\n        pass",
        "def test_needs_it():\n        import time; open('at-work', 'w').close(); time.sleep(60)",
    )
    suite = services(one(), {"test_a.py": tests})
    process = suite.start("-n", "2")
    assert harness.wait_until((suite.root / "at-work").exists, harness.LIMIT)
    process.send_signal(signal.SIGINT)
    run = suite.finish(process)
    assert run.code == 2, run.said
    assert suite.notes() == ["+api", "-api"]


def test_a_worker_that_dies_while_services_start_is_replaced(services):
    """It has collected, and no test is assigned yet: its files are still to be run."""
    suite = services(one('{ command = ["test", "-e", "@note@-go"] }'), {"test_a.py": TWO, "test_b.py": TWO})
    process = suite.start("-n", "2", "--collect", "sharded")
    assert harness.wait_until(suite.notes, harness.LIMIT)  # after the collection is complete
    pid = next(event["pid"] for event in suite.so_far() if event["event"] == "worker_started")
    os.kill(pid, signal.SIGKILL)
    assert harness.wait_until(lambda: any(event["event"] == "worker_exited" for event in suite.so_far()), harness.LIMIT)
    (suite.note.parent / f"{suite.note.name}-go").touch()
    run = suite.finish(process)
    assert run.code == 0, run.said
    assert sorted(run.verdicts().values()) == [["passed"]] * 4


@pytest.mark.parametrize("victim", ["guardian", "engine"])
def test_kill_9_leaves_no_files_of_services(services, tmp_path, victim):
    """A database's directory may be large."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    text = TWO.replace("pass", "open('at-work', 'w').close(), __import__('time').sleep(60)", 1)
    suite = services(one(), {"test_a.py": text})
    process = suite.start("-n", "1", env={"TMPDIR": str(scratch)})
    assert harness.wait_until((suite.root / "at-work").exists, 60)
    assert len(list(scratch.glob("trun-*-services"))) == 1  # the control of the last line
    os.kill(harness.Processes(process.pid).find(victim), signal.SIGKILL)
    suite.finish(process)
    assert harness.wait_until(lambda: not list(scratch.glob("trun-*-services")), 10)


def test_files_that_nobody_could_remove_are_removed_by_the_next_run(services, tmp_path):
    """Engine and guardian are killed at once; another run that lives keeps its own."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    text = TWO.replace("pass", "open('at-work', 'w').close(), __import__('time').sleep(60)", 1)
    suites = [services(one(), {"test_a.py": text}, name=name) for name in ("killed", "living")]
    killed, living = (suite.start("-n", "1", env={"TMPDIR": str(scratch)}) for suite in suites)
    for suite in suites:
        assert harness.wait_until((suite.root / "at-work").exists, harness.LIMIT)
    found = harness.Processes(killed.pid)
    engine = found.find("engine")
    os.kill(engine, signal.SIGSTOP)  # it cleans nothing up when it sees its guardian gone
    os.kill(found.guardian, signal.SIGKILL)
    os.kill(engine, signal.SIGKILL)
    suites[0].finish(killed)
    assert len(list(scratch.glob("trun-*-services"))) == 2, "the control: one of the dead, one of the living"
    next_one = services(one(), {"test_a.py": TWO}, name="next")
    assert next_one.trun("-n", "1", env={"TMPDIR": str(scratch)}).code == 0
    assert len(list(scratch.glob("trun-*-services"))) == 1
    living.send_signal(signal.SIGINT)
    assert suites[1].finish(living).code == 2
    assert list(scratch.glob("trun-*-services")) == []
    assert suites[0].log("api").startswith("api starts"), "the log of the dead run stays"
