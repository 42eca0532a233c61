"""What hangs is ended, named, and costs nobody else anything."""

import re
import signal

import pytest

import harness

HANGS = """
    import time

    import pytest

    def test_before():
        pass

    @pytest.mark.timeout(0.5)
    def test_hang():
        time.sleep(100)

    def test_after():
        pass
"""


def test_a_test_that_hangs_is_named_with_its_stack(suite):
    run = suite({"test_a.py": HANGS}).trun("-n", "2", "-p", "no:timeout")
    assert "Unknown" not in run.out, "marker and ini key are known without the plugin"
    assert run.code == 1
    assert run.verdicts() == {
        "test_a.py::test_before": ["passed"],
        "test_a.py::test_hang": ["timed_out"],
        "test_a.py::test_after": ["passed"],
    }
    assert "timed out in call (limit 0.5 s)" in run.out
    assert 'test_a.py", line 11 in test_hang' in run.out
    (event,) = [each for each in run.events() if each.get("outcome") == "timed_out"]
    assert "in test_hang" in event["stacks"] and event["processes"] and event["files"]
    assert "in test_hang" in run.junit_text()


def test_pytest_timeout_keeps_its_tests_where_it_is_active(suite):
    ours = suite({"test_a.py": HANGS})
    run, plain = ours.trun("-n", "1"), ours.pytest()
    assert run.verdicts()["test_a.py::test_hang"] == ["failed"]
    assert "Failed: Timeout (>0.5s) from pytest-timeout." in run.out
    assert "Failed: Timeout (>0.5s) from pytest-timeout." in plain.out


@pytest.mark.parametrize("ways", [("-n2",), ("-n0",), ("-n2", "--start=fresh"), ("-n1", "--lane=standard")])
def test_the_timeout_of_the_command_line_is_the_plugins_where_it_is_active(suite, ways):
    tests = """
        import pathlib, time

        import pytest

        @pytest.fixture
        def torn_down():
            yield
            pathlib.Path("torn_down").touch()

        def test_hangs(torn_down):
            time.sleep(100)

        @pytest.mark.timeout(30)
        def test_may_take_longer():
            time.sleep(1)

        @pytest.mark.timeout(0.5, func_only=True)
        def test_of_function(slow_fixture):
            time.sleep(100)

        @pytest.fixture
        def slow_fixture():
            time.sleep(1.5)
    """
    ours = suite({"test_a.py": tests})
    run = ours.trun(*ways, "--timeout=0.5", "--grace=0.5")
    assert run.verdicts() == {
        "test_a.py::test_hangs": ["failed"],
        "test_a.py::test_may_take_longer": ["passed"],
        "test_a.py::test_of_function": ["failed"],
    }
    assert "Failed: Timeout (>0.5s) from pytest-timeout." in run.out
    assert (ours.root / "torn_down").exists()


def test_trun_ends_what_the_plugin_cannot(suite):
    tests = """
        import ctypes

        def test_hangs():
            mutex, c = ctypes.create_string_buffer(64), ctypes.PyDLL(None)
            c.pthread_mutex_lock(mutex)
            c.pthread_mutex_lock(mutex)  # no signal ends this wait, and no handler of Python's runs
    """
    run = suite({"test_a.py": tests}).trun("-n1", "--timeout=0.5", "--grace=1")
    assert run.verdicts() == {"test_a.py::test_hangs": ["timed_out"]}
    assert "timed out in call (limit 1.5 s)" in run.out


@pytest.mark.parametrize("where", ["ini", "environment", "option", "file"])
def test_where_limits_come_from(suite, where):
    files = {"test_a.py": HANGS.replace("@pytest.mark.timeout(0.5)", "")}
    if where == "ini":
        files["pytest.ini"] = "[pytest]\ntimeout = 1.5\n"
    if where == "file":
        files["trun.toml"] = 'timeout = "1500ms"\n'
    options = ("--timeout", "1.5") if where == "option" else ()
    env = {"PYTEST_TIMEOUT": "1.5"} if where == "environment" else {}
    run = suite(files).trun("-n", "1", "-p", "no:timeout", *options, env=env)
    assert run.verdicts()["test_a.py::test_hang"] == ["timed_out"]


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_a_file_whose_import_hangs_or_dies_is_a_collection_error(suite, collect):
    ours = suite(
        {
            "test_good.py": "def test_good():\n    pass\n",
            "test_hangs.py": "import time\ntime.sleep(100)\n",
            "test_dies.py": "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n",
            "test_exits.py": "import os\nos._exit(0)\n",
        }
    )
    run = ours.trun("--collect", collect, "-n", "2", "--collect-timeout", "3", "--continue-on-collection-errors")
    assert run.code == 1
    assert run.verdicts() == {"test_good.py::test_good": ["passed"]}
    for name, why in {
        "test_hangs.py": "not collected within 3.0 s",
        "test_dies.py": "signal 11 (SIGSEGV)",
        "test_exits.py": "exit 0",
    }.items():
        assert f"ERROR collecting {name}" in run.out
        assert f"ERROR {name}" in run.out
        assert why in run.out


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_a_process_that_is_killed_from_outside_while_it_collects_is_replaced(suite, collect):
    killed_once = """
        import os, pathlib, signal

        flag = pathlib.Path(__file__).with_name("was here")
        if not flag.exists():
            flag.touch()
            os.kill(os.getpid(), signal.SIGKILL)

        def test_it():
            pass
    """
    ours = suite({"test_a.py": killed_once, "test_b.py": "def test_b():\n    pass\n"})
    run = ours.trun("-n", "2", "--collect", collect)
    assert run.code == 0, run.said
    assert run.verdicts() == {"test_a.py::test_it": ["passed"], "test_b.py::test_b": ["passed"]}


def test_a_file_that_kills_every_process_that_imports_it_is_a_collection_error(suite):
    killer = "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n"
    run = suite({"test_a.py": killer, "test_b.py": "def test_b():\n    pass\n"}).trun("-n", "2")
    assert run.code == 2
    assert "ERROR collecting test_a.py" in run.out
    assert "signal 9 (SIGKILL)" in run.out


def test_a_conftest_that_hangs_is_shown(suite):
    run = suite({"conftest.py": "import time\ntime.sleep(100)\n", "test_a.py": ""}).trun("--collect-timeout", "3")
    assert run.code == 3
    assert 'conftest.py", line 2 in <module>' in run.err
    assert "pytest did not get as far as collecting within 3 s (--collect-timeout)" in run.err


def test_the_whole_run_has_a_limit(suite):
    run = suite({"test_a.py": HANGS.replace("0.5", "50")}).trun("-n", "1", "--run-timeout", "5")
    assert run.code == 2
    assert run.verdicts()["test_a.py::test_hang"] == ["timed_out"]
    assert "the run's time is up (--run-timeout)" in run.out


def test_sigterm_may_be_ignored_for_the_grace_and_no_longer(suite):
    stubborn = HANGS.replace("time.sleep(100)", "import signal; signal.signal(15, signal.SIG_IGN); time.sleep(100)")
    run = suite({"test_a.py": stubborn}).trun("-n", "1", "--grace", "0.5", "-p", "no:timeout")
    assert run.verdicts()["test_a.py::test_hang"] == ["timed_out"]


def test_sigusr1_shows_what_runs(suite):
    waits = """
        import pathlib, time

        def test_long():
            while not pathlib.Path(__file__).with_name("go").exists():
                time.sleep(0.01)
    """
    ours = suite({"test_a.py": waits})
    process = ours.start("-n", "1", "--slow", "0.5")

    def told(text):
        log = ours.reports / "events.jsonl"
        return log.exists() and text in log.read_text()

    assert harness.wait_until(lambda: told("slow: "), 20)
    process.send_signal(signal.SIGUSR1)
    assert harness.wait_until(lambda: told("in test_long"), 20)
    (ours.root / "go").touch()
    run = ours.finish(process, limit=harness.LIMIT)
    assert run.code == 0
    assert re.search(r"trun: slow: test_a.py::test_long has run for 0\.\d s \(call\) on gw0", run.said)
    assert "): test_a.py::test_long, " in run.said
    assert "in test_long" in run.said


@pytest.mark.parametrize("lane", ["auto", "standard"])
@pytest.mark.parametrize("where", ["option", "ini"])
def test_the_session_timeout_of_pytest_timeout_counts_in_both_lanes(suite, where, lane):
    pytest.importorskip("pytest_timeout")
    text = "import pytest, time\n\n@pytest.mark.parametrize('n', range(40))\ndef test_n(n):\n    time.sleep(0.2)\n"
    files = {"test_a.py": text, "pytest.ini": "[pytest]\n" + ("session_timeout = 1\n" if where == "ini" else "")}
    run = suite(files).trun("-n", "1", "--lane", lane, *(["--session-timeout=1"] if where == "option" else []))
    assert "session-timeout: 1.0 sec exceeded" in run.out
    assert 1 <= len(run.verdicts()) < 20
