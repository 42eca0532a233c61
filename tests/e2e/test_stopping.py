"""Runs that end before all tests ran: -x, --maxfail, Ctrl-C, a closed pipe."""

import os
import signal
import subprocess
import time

import pytest

import harness

#: Seconds after which a second interrupt is not taken for the first (250 ms; on a busy machine the first may be late).
TWO = 1.0
FAILING = {
    f"test_{letter}.py": "import pytest\n\n@pytest.mark.parametrize('n', range(5))\ndef test_n(n):\n    assert n % 2 == 0\n"
    for letter in "abcd"
}
SLOW = """
    import pathlib, time
    import pytest

    @pytest.fixture(scope="module")
    def wide():
        yield
        pathlib.Path(__file__).with_suffix(".torn-down").touch()

    @pytest.mark.parametrize("number", range(40))
    def test_slow(wide, number):
        pathlib.Path(__file__).with_suffix(".begun").touch()
        time.sleep(0.25)
"""


@pytest.mark.parametrize("workers", ["0", "1"])
@pytest.mark.parametrize("args", [["-x"], ["--maxfail=2"]], ids=" ".join)
def test_one_worker_stops_where_pytest_stops(suite, args, workers):
    ours = suite(FAILING)
    expected = ours.pytest(*args).junit()
    run = ours.trun("-n", workers, *args)
    assert run.code == 1
    assert run.junit() == expected
    assert f"stopping after {len([v for v in expected.values() if v == ['failure']])} failures" in run.out


@pytest.mark.parametrize(("args", "limit"), [(["-x"], 1), (["--maxfail=2"], 2)])
def test_two_workers_start_nothing_after_the_last_failure(suite, args, limit):
    run = suite(FAILING).trun("-n", "2", *args)
    assert run.code == 1
    failed = [name for name, verdicts in run.verdicts().items() if verdicts == ["failed"]]
    # The other worker's running test is finished and reported.
    assert limit <= len(failed) <= limit + 1
    assert "stopping after" in run.out


def begun(ours):
    return list(ours.root.glob("*.begun"))


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_interrupted_once(suite, by, workers):
    ours = suite({"test_a.py": SLOW, "test_b.py": SLOW})
    process = ours.start("-n", workers)
    assert harness.wait_until(lambda: begun(ours), 20)
    os.killpg(process.pid, by) if by == signal.SIGINT else process.send_signal(by)
    run = ours.finish(process, limit=15)
    assert run.code == 2, run.said
    assert "KeyboardInterrupt" in run.out or by == signal.SIGTERM
    # The fixture may have been set up and the interrupt come before the test was at its first line.
    torn_down = {path.stem for path in ours.root.glob("*.torn-down")}
    assert torn_down >= {path.stem for path in begun(ours)}, "teardown of a begun module did not run"
    assert run.junit_text().rstrip().endswith("</testsuites>")
    assert run.metrics()
    assert run.events()[-1]["event"] == "run_finished"
    assert all(len(each) == 1 for each in run.verdicts().values())


def test_interrupted_twice_ends_at_once_and_reports_are_written(suite):
    hanging = "import signal, time, pathlib\n\ndef test_hang():\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    hanging += "    pathlib.Path(__file__).with_suffix('.begun').touch()\n    time.sleep(60)\n"
    ours = suite({"test_a.py": hanging})
    process = ours.start("-n", "1")
    assert harness.wait_until(lambda: begun(ours), 20)
    process.send_signal(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(TWO)
    process.send_signal(signal.SIGINT)
    run = ours.finish(process, limit=10)
    assert run.code == 2
    assert run.junit_text().rstrip().endswith("</testsuites>")


IGNORES = """
    import pathlib, signal, time

    def test_stuck():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        pathlib.Path(__file__).with_suffix(".begun").touch()
        time.sleep(120)
"""
SWALLOWS = """
    import pathlib, signal, time

    def test_stuck():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while True:
            try:
                pathlib.Path(__file__).with_suffix(".begun").touch()
                time.sleep(120)
            except BaseException:
                pass
"""


@pytest.mark.parametrize("workers", ["0", "1", "2"])
@pytest.mark.parametrize("text", [IGNORES, SWALLOWS], ids=["ignores SIGINT", "swallows everything"])
@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_one_interrupt_ends_a_run_within_its_grace(suite, by, text, workers):
    """As from CI, which sends one SIGTERM and then SIGKILL."""
    ours = suite({"test_a.py": text, "test_b.py": "def test_b():\n    pass\n"})
    process = ours.start("-n", workers, "--grace", "2")
    assert harness.wait_until(lambda: begun(ours), 20)
    interrupted = time.monotonic()
    process.send_signal(by)
    run = ours.finish(process, limit=30)
    assert run.code == 2, run.said
    assert time.monotonic() - interrupted < (2 + 6) * harness.busyness()
    assert "waiting for test_a.py::test_stuck (call) on gw0" in run.said
    assert run.verdicts()["test_a.py::test_stuck"] == ["worker_lost"]
    assert "did not end within 2.0 s (--grace)" in run.junit_text()
    assert "in test_stuck" in run.junit_text(), "the stack of the test"
    ours.assert_no_survivor()


def test_a_session_finish_that_outlives_an_interrupt_is_ended(suite):
    slow = "import time\n\ndef pytest_sessionfinish():\n    time.sleep(60)\n"
    ours = suite({"test_a.py": SLOW, "conftest.py": slow})
    process = ours.start("-n", "1", "--grace", "1")
    assert harness.wait_until(lambda: begun(ours), 20)
    interrupted = time.monotonic()
    process.send_signal(signal.SIGTERM)
    run = ours.finish(process, limit=30)
    assert run.code == 2, run.said
    assert time.monotonic() - interrupted < (1 + 6) * harness.busyness()


def test_the_reader_of_a_pipe_goes_away(suite):
    """`trun | head -1`: the run ends cleanly, its reports are written."""
    text = "import pytest\n\n@pytest.mark.parametrize('n', range(300))\ndef test_n(n):\n    print('x' * 1000)\n    assert 0\n"
    ours = suite({"test_a.py": text})
    reading, writing = os.pipe()
    process = ours.start("-n", "2", stdout=writing)
    os.close(writing)
    os.read(reading, 1)
    os.close(reading)
    run = ours.finish(process, limit=30)
    assert run.code != -signal.SIGPIPE
    assert run.junit_text().rstrip().endswith("</testsuites>")
    assert run.events()[-1]["event"] == "run_finished"


def test_last_failed_after_a_failing_run(suite):
    text = "def test_good():\n    pass\n\ndef test_bad():\n    assert 0\n"
    ours = suite({"test_a.py": text, "test_b.py": "def test_b():\n    pass\n"})
    assert ours.trun("-n", "2").code == 1
    run = ours.trun("-n", "2", "--lf")
    assert run.code == 1
    assert run.verdicts() == {"test_a.py::test_bad": ["failed"]}
    assert ours.pytest("--lf").junit() == {"test_a::test_bad": ["failure"]}


def test_no_cache_provider(suite):
    ours = suite({"test_a.py": "def test_bad():\n    assert 0\n"})
    assert ours.trun("-n", "2", "-p", "no:cacheprovider").code == 1
    assert not (ours.root / ".pytest_cache").exists()


def test_an_interrupt_that_the_caller_ignores_is_ignored_here_too(suite):
    """As by nohup, or by a shell that runs a job in the background: pytest goes on, and so does trun."""
    waits = "import pathlib, signal, time\n\ndef test_waits():\n"
    waits += "    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN\n"
    waits += "    pathlib.Path(__file__).with_suffix('.begun').touch()\n    time.sleep(1)\n"
    ours = suite({"test_a.py": waits})
    process = ours.start("-n", "1", preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
    assert harness.wait_until(lambda: begun(ours), 20)
    process.send_signal(signal.SIGINT)
    run = ours.finish(process)
    assert run.code == 0, run.said


STUBBORN = """
    import pathlib, time
    import pytest

    @pytest.mark.parametrize("number", range(4))
    def test_n(number):
        try:
            # Within: an interrupt may come while the file is being made.
            pathlib.Path(__file__).with_name(f"{number}.begun").touch()
            time.sleep(20)
        except KeyboardInterrupt:
            time.sleep(0.5)  # the collecting process has heard of it, and says so, before this test is over
"""


@pytest.mark.parametrize("ending", ["passes", "is killed"])
def test_the_collecting_process_does_not_speak_for_the_first_worker(suite, ending):
    """It hears Ctrl-C as the workers do, and has no test. gw0 is at one, which takes the interrupt for itself."""
    text = STUBBORN if ending == "passes" else STUBBORN.replace("time.sleep(0.5)", "time.sleep(20)")
    ours = suite({"test_a.py": text})
    process = ours.start("-n", "2", "--collect", "once")
    assert harness.wait_until(lambda: len(begun(ours)) == 2, 20)
    processes = harness.Processes(process.pid)
    collecting = processes.find("worker", oldest=True)
    process.send_signal(signal.SIGINT)
    if ending == "is killed":
        # What the collecting process said has come by the time that it is gone.
        assert harness.wait_until(lambda: processes.find("worker", oldest=True) != collecting, 20)
        time.sleep(TWO)
        process.send_signal(signal.SIGINT)
    run = ours.finish(process)
    assert run.code == 2, run.said
    assert run.events()[-1]["event"] == "run_finished"
    outcomes = sorted(run.verdicts().values())
    assert outcomes == ([["passed"]] * 2 if ending == "passes" else [["worker_lost"]] * 2), run.said


def test_one_interrupt_to_the_whole_group_is_one_however_late_the_guardian_hands_it_on(suite):
    """A busy machine lets the guardian wait; here it is stopped. Taken for a second one, it would end the teardown."""
    slow = SLOW.replace("        yield\n", "        yield\n        time.sleep(1.5)\n")
    ours = suite({"test_a.py": slow})
    process = ours.start("-n", "1")
    assert harness.wait_until(lambda: begun(ours), 20)
    process.send_signal(signal.SIGSTOP)
    os.killpg(process.pid, signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.6)
    process.send_signal(signal.SIGCONT)
    run = ours.finish(process)
    assert run.code == 2, run.said
    assert len(list(ours.root.glob("*.torn-down"))) == 1
