"""What holds when trun itself is in trouble: it stalls, is stopped, loses its terminal, its guardian or its reader."""

import json
import os
import signal
import subprocess
import threading
import time

import pytest

import harness

HANGING = """
    import pathlib, signal, time

    def test_hang():
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        pathlib.Path(__file__).with_suffix(".begun").touch()
        time.sleep(120)
"""
LOUD = """
    import pytest

    @pytest.mark.parametrize("number", range(400))
    def test_loud(number):
        print("x" * 2000)
        assert number < 0
"""


def begun(ours):
    return list(ours.root.glob("*.begun"))


def started(ours, *args, **popen):
    process = ours.start(*args, **popen)
    assert harness.wait_until(lambda: begun(ours), 60), "the test did not begin"
    return process


def fifo(ours):
    """A pipe with a reader that never reads."""
    path = ours.reports / "events.fifo"
    os.mkfifo(path)
    return path, os.open(path, os.O_RDONLY | os.O_NONBLOCK)


# -- the watchdog


def test_a_report_that_blocks_ends_the_run_and_the_others_are_written(suite):
    ours = suite({"test_a.py": LOUD})
    path, reader = fifo(ours)
    run = ours.trun("-n", "2", "--stall-limit", "2", f"--events={path}")
    os.close(reader)
    assert run.code == 3, run.said
    assert "has not moved for 2 s (writing the events report): the run is ended (--stall-limit)" in run.err
    assert "the events report failed: gave up" in run.err
    assert run.junit_text().rstrip().endswith("</testsuites>")
    assert run.metrics()["stop_reason"] == "trun itself stood still (--stall-limit)"
    assert "does not answer" not in run.err


def test_without_a_limit_it_hangs(suite):
    """The control: what the test above sees is the watchdog's doing."""
    ours = suite({"test_a.py": LOUD})
    path, reader = fifo(ours)
    process = ours.start("-n", "2", "--stall-limit", "0", f"--events={path}")
    with pytest.raises(subprocess.TimeoutExpired):
        process.communicate(timeout=12)
    ours.kill_all()
    process.communicate()
    os.close(reader)


def test_an_engine_that_was_stopped_is_killed(suite):
    ours = suite({"test_a.py": HANGING, "test_b.py": "def test_b():\n    pass\n"})
    process = started(ours, "-n", "2", "--stall-limit", "2")
    os.kill(harness.Processes(process.pid).find("engine"), signal.SIGSTOP)
    run = ours.finish(process, limit=30)
    assert run.code == 3
    assert "somebody has stopped it (running tests)" in run.err
    assert "it does not answer and is killed: --events holds what is known" in run.err
    assert run.verdicts().keys() <= {"test_b.py::test_b"}
    assert run.events()[0]["event"] == "run_started"


def test_a_guardian_that_was_stopped_is_continued_at_the_end(suite):
    waits = "import pathlib, time\n\ndef test_w():\n    pathlib.Path(__file__).with_suffix('.begun').touch()\n    time.sleep(1)\n"
    ours = suite({"test_a.py": waits})
    process = started(ours, "-n", "1")
    os.kill(process.pid, signal.SIGSTOP)
    run = ours.finish(process, limit=30)
    assert run.code == 0, run.said
    assert run.events()[-1]["event"] == "run_finished"


def test_a_reader_in_no_hurry_holds_nothing_up(suite):
    """A pager: the run is over and its reports are there while most of its output still waits to be read."""
    ours = suite({"test_a.py": LOUD})
    process = ours.start("-n", "2", "--stall-limit", "2")
    assert harness.wait_until(lambda: (ours.reports / "metrics.json").exists(), 40)
    time.sleep(4)
    assert process.poll() is None
    run = ours.finish(process)
    assert run.code == 1
    assert "400 failed" in run.out.splitlines()[-1]
    assert "has not moved" not in run.err


def test_what_stdout_is_shared_with_goes_on_to_block(suite):
    """A descriptor's mode belongs to the open file: to the shell, and to tests that write there under -n 0."""
    ours = suite({"test_a.py": LOUD})
    reading, writing = os.pipe()
    process = ours.start("-n", "0", stdout=writing)
    assert harness.wait_until(lambda: (ours.reports / "metrics.json").exists(), 40)
    assert os.get_blocking(writing), "while trun waits for the reader"
    with open(reading, "rb") as output:
        drain = threading.Thread(target=output.read)
        drain.start()
        run = ours.finish(process)
        assert os.get_blocking(writing), "at the end"
        os.close(writing)
        drain.join()
    assert run.code == 1


def test_nothing_new_is_run_once_the_reader_of_stdout_is_gone(suite):
    slow = "import pytest, time\n\n@pytest.mark.parametrize('n', range(200))\n"
    slow += "def test_n(n):\n    time.sleep(0.1)\n    assert n < 0\n"
    ours = suite({"test_a.py": slow})
    reading, writing = os.pipe()
    process = ours.start("-n", "2", stdout=writing)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    run = ours.finish(process, limit=40)
    assert run.code == 2
    assert len(run.verdicts()) < 200
    assert run.metrics()["stop_reason"] == "standard output is closed, nobody reads it"
    assert run.junit_text().rstrip().endswith("</testsuites>")


# -- nobody is there any more


@pytest.mark.parametrize("how", ["SIGHUP", "guardian"])
def test_within_two_seconds_nothing_is_there(suite, how):
    """Tests that ignore the interrupt and daemons in sessions of their own: all gone, and the reports written."""
    daemon = "\n    import subprocess\n\n    def test_daemon():\n        subprocess.Popen(['setsid', 'sleep', '300'])\n"
    ours = suite({"test_a.py": HANGING, "test_b.py": daemon})
    process = started(ours, "-n", "2")
    if how == "guardian":
        process.kill()
    else:
        process.send_signal(signal.SIGHUP)
    sent = time.monotonic()
    # Twice the time, and some: this machine may be busy with other things.
    assert harness.wait_until(lambda: not harness.marked(ours.mark), 6), "something is left"
    took = time.monotonic() - sent
    run = ours.finish(process)
    assert run.code == (2 if how == "SIGHUP" else -signal.SIGKILL)
    assert run.junit_text().rstrip().endswith("</testsuites>")
    assert run.metrics()["cleanup"]["took"] <= 1.1
    assert run.verdicts()["test_a.py::test_hang"] != ["passed"]
    assert took < 2.0 + os.getloadavg()[0] / 4


def test_the_clean_up_is_in_the_reports(suite):
    run = suite({"test_a.py": "def test_a():\n    pass\n"}).trun("-v", "-n", "1")
    assert run.code == 0
    steps = run.metrics()["cleanup"]["steps"]
    assert [step["phase"] for step in steps] == ["plugin_host", "strays"]
    assert {step["how"] for step in steps} == {"done"}
    assert "trun: clean-up took" in run.out
    assert [event["reason"] for event in run.events() if event["event"] == "cleanup"] == ["the run is over"]


def test_a_worker_that_does_not_end_is_forced_and_named(suite):
    """A thread that is no daemon keeps the interpreter; the supervisor's limit is off."""
    text = "import threading, time\n\ndef test_a():\n    threading.Thread(target=time.sleep, args=(300,)).start()\n"
    ours = suite({"test_a.py": text})
    run = ours.trun("-n", "1", "--shutdown-timeout", "1", "--grace", "0.2", "--leak", "ignore")
    assert run.code == 0, run.said
    assert "gw0" in run.said and "Thread-1" in run.said
    assert run.metrics()["cleanup"]["took"] < 5


# -- control groups


def contained(run):
    return next((line for line in run.events()[0]["why"] if line.startswith("contained by")), None)


def test_the_control_group_is_gone_afterwards(suite):
    run = suite(
        {"test_a.py": "import subprocess\n\ndef test_a():\n    subprocess.Popen(['setsid', 'sleep', '300'])\n"}
    ).trun()
    folder = contained(run)
    if folder is None:
        pytest.skip("no control group can be made here")
    assert not os.path.exists(folder.rpartition(" ")[2])


def test_what_both_killed_at_once_have_left_ends_with_the_next_run(suite):
    text = "import pathlib, subprocess, time\n\ndef test_a():\n"
    text += "    subprocess.Popen(['setsid', 'sleep', '300'])\n"
    text += "    pathlib.Path(__file__).with_suffix('.begun').touch()\n    time.sleep(60)\n"
    ours = suite({"test_a.py": text})
    process = started(ours, "-n", "1")
    engine = harness.Processes(process.pid).find("engine")
    os.kill(process.pid, signal.SIGSTOP)  # or it would sweep before it dies
    os.kill(engine, signal.SIGKILL)
    process.kill()
    process.communicate()
    other = suite({"test_b.py": "def test_b():\n    pass\n"}, name="other")
    if contained(other.trun()) is None:
        pytest.skip("no control group can be made here")
    assert harness.wait_until(lambda: not harness.marked(ours.mark), 5)


# -- memory and crashes


EATS = """
    import os, resource

    def test_eats():
        held = []
        for _ in range(100):
            held.append(bytearray(os.urandom(1 << 20)) * 16)

    def test_neighbour():
        pass
"""


@pytest.fixture
def little_memory():
    """A control group that may hold 200 MB; None of it where none can be made."""
    with open("/proc/self/cgroup", encoding="ascii") as file:
        own = next((line.split(":", 2)[2].strip() for line in file if line.split(":")[1] == "memory"), None)
    folder = f"/sys/fs/cgroup/memory{own}/trun-test-{os.getpid()}"
    try:
        os.mkdir(folder)
        with open(f"{folder}/memory.limit_in_bytes", "w", encoding="ascii") as file:
            file.write(str(200 << 20))
    except OSError:
        pytest.skip("no control group with a limit can be made here")
    yield folder
    harness.wait_until(lambda: _removed(folder), 10)


def _removed(folder):
    try:
        os.rmdir(folder)
    except OSError:
        return not os.path.exists(folder)
    return True


def test_the_kernels_kill_is_told_from_a_crash(suite, little_memory):
    ours = suite({"test_a.py": EATS})

    def enter():
        with open(f"{little_memory}/cgroup.procs", "w", encoding="ascii") as file:
            file.write("0")

    run = ours.trun("-n", "1", preexec_fn=enter)
    assert run.verdicts() == {"test_a.py::test_eats": ["out_of_memory"], "test_a.py::test_neighbour": ["passed"]}
    reason = next(e["reason"] for e in run.events() if e["event"] == "test_finished" and "reason" in e)
    assert "the kernel has killed it" in reason
    assert "MB at its most" in reason


def test_a_kill_by_somebody_is_a_crash(suite):
    """The control: the same signal, from somebody else."""
    run = suite({"test_a.py": "import os, signal\n\ndef test_a():\n    os.kill(os.getpid(), signal.SIGKILL)\n"}).trun(
        "-n", "1"
    )
    assert run.verdicts() == {"test_a.py::test_a": ["crashed"]}


CRASHING = """
    import ctypes

    import pytest

    @pytest.fixture(scope="module")
    def database():
        ctypes.string_at(0)

    def test_wide(database):
        pass

    @pytest.fixture(scope="module")
    def fine():
        pass

    def test_own(fine):
        helper()

    def helper():
        ctypes.string_at(0)

    def test_innocent():
        pass
"""


@pytest.mark.parametrize("lane", ["auto", "standard"])
def test_a_crash_names_its_frames_and_the_fixture(suite, lane):
    run = suite({"test_a.py": CRASHING}).trun("-n", "1", f"--lane={lane}")
    finished = {event["nodeid"]: event for event in run.events() if event["event"] == "test_finished"}
    wide, own = finished["test_a.py::test_wide"], finished["test_a.py::test_own"]
    assert wide["fixture"] == "database (scope module)"
    assert "in setup, at " in wide["reason"]
    assert wide["reason"].endswith("in string_at")
    assert "in database" in wide["stacks"]
    assert "fixture" not in own
    assert "in helper" in own["stacks"]
    assert "in call, at " in own["reason"]
    assert "---- fixture ----\ndatabase (scope module)" in run.junit_text()
    assert finished["test_a.py::test_innocent"]["outcome"] == "passed"


def test_events_are_whole_lines(suite):
    ours = suite({"test_a.py": HANGING})
    process = started(ours, "-n", "1")
    os.kill(harness.Processes(process.pid).find("engine"), signal.SIGKILL)
    run = ours.finish(process)
    assert run.code == 3
    for line in (run.reports / "events.jsonl").read_text().splitlines():
        json.loads(line)
