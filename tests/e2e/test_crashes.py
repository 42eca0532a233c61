"""Workers that die under a test: the test is named once, and everything else runs exactly once."""

import pytest

INNOCENT = """
    import os
    import pathlib

    import pytest

    RAN = pathlib.Path(__file__).with_name("ran")

    @pytest.mark.parametrize("number", range(12))
    def test_innocent(number):
        with RAN.open("a") as file:
            file.write(f"{__name__}-{number}\\n")
"""
GUILTY = {
    "a signal": "import os, signal\n    os.kill(os.getpid(), signal.SIGSEGV)",
    "a null pointer": "import ctypes\n    ctypes.string_at(0)",
    "abort": "import os\n    os.abort()",
    "os._exit(0)": "import os\n    os._exit(0)",
    "os._exit(3)": "import os\n    os._exit(3)",
    "SIGKILL": "import os, signal\n    os.kill(os.getpid(), signal.SIGKILL)",
    # What looks like a socket of trun's gets garbage: a length that is none, then noise.
    "garbage": "import os\n"
    "    for name in os.listdir('/proc/self/fd'):\n"
    "        fd = int(name)\n"
    "        if fd >= 500:\n"
    "            try:\n"
    "                os.write(fd, b'\\xff\\xff\\xff\\xff garbage' * 10)\n"
    "            except OSError:\n"
    "                pass\n"
    "    import time\n"
    "    time.sleep(30)",
}
VERDICTS = {
    "a signal": "crashed",
    "a null pointer": "crashed",
    "abort": "crashed",
    "os._exit(0)": "premature_exit",
    "os._exit(3)": "premature_exit",
    "SIGKILL": "crashed",
    "garbage": "worker_lost",
}


def guilty_suite(suite, crime):
    """Innocents before and after the guilty test in its own file, and in two other files."""
    guilty = (
        INNOCENT
        + f"""
    def test_guilty():
        {GUILTY[crime].replace(chr(10), chr(10) + "    ")}

    def test_after():
        with RAN.open("a") as file:
            file.write("after\\n")
"""
    )
    return suite({"test_b.py": guilty, "test_a.py": INNOCENT, "test_c.py": INNOCENT})


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("crime", GUILTY)
def test_the_guilty_is_reported_once_and_all_else_runs_once(suite, crime, workers):
    ours = guilty_suite(suite, crime)
    run = ours.trun("-n", workers)
    assert run.code == 1, run.said
    verdicts = run.verdicts()
    assert verdicts.pop("test_b.py::test_guilty") == [VERDICTS[crime]]
    assert len(verdicts) == 37
    assert set(map(tuple, verdicts.values())) == {("passed",)}
    ran = (ours.root / "ran").read_text().split()
    assert len(ran) == len(set(ran)) == 37
    assert run.junit()["test_b::test_guilty"] == ["error"]
    assert "test_b.py::test_guilty" in run.out


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_in_every_way_to_collect(suite, collect):
    ours = guilty_suite(suite, "a signal")
    run = ours.trun("-n", "2", "--collect", collect)
    assert run.code == 1, run.said
    ran = (ours.root / "ran").read_text().split()
    assert len(ran) == len(set(ran)) == 37
    assert "signal 11" in run.out


def test_every_test_of_a_file_crashes(suite):
    text = "import os\nimport pytest\n\n@pytest.mark.parametrize('n', range(6))\ndef test_c(n):\n    os.abort()\n"
    run = suite({"test_a.py": text}).trun("-n", "2")
    assert run.code == 1
    assert sorted(map(tuple, run.verdicts().values())) == [("crashed",)] * 6


def test_a_module_that_kills_the_interpreter_at_import(suite):
    run = suite({"test_a.py": "def test_a():\n    pass\n", "test_b.py": "import os\nos._exit(0)\n"}).trun("-n", "2")
    assert run.code in (1, 2, 3)
    assert "test_b.py" in run.said


def test_a_child_that_returns_into_pytest_does_not_report(suite):
    text = "import os\n\ndef test_fork():\n    if pid := os.fork():\n        os.waitpid(pid, 0)\n\ndef test_next():\n    pass\n"
    run = suite({"test_fork.py": text}).trun("-n", "2")
    assert run.code == 0, run.said
    assert run.verdicts() == {"test_fork.py::test_fork": ["passed"], "test_fork.py::test_next": ["passed"]}


def test_a_process_that_a_test_leaves_behind_is_gone(suite):
    """The check of the harness is the test: setsid and a double fork hide from groups and sessions."""
    text = """
        import os, time

        def test_daemon():
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    time.sleep(60)
                os._exit(0)
    """
    assert suite({"test_daemon.py": text}).trun("-n", "1").code == 0


STILLBORN = """
    import os, pathlib, signal

    def pytest_configure(config):
        mark = pathlib.Path(__file__).with_name("died")
        if "TRUN_WORKER" in os.environ and {condition}:
            mark.touch()
            os.kill(os.getpid(), signal.SIGSEGV)
"""


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_a_process_that_dies_before_it_has_come_to_a_file_has_a_second_chance(suite, collect):
    tests = {f"test_{letter}.py": "def test_a():\n    pass\n" for letter in "abcd"}
    run = suite({"conftest.py": STILLBORN.format(condition="not mark.exists()"), **tests}).trun(
        "-n", "2", "--collect", collect
    )
    assert run.code == 0, run.said
    assert run.verdicts() == {f"{file}::test_a": ["passed"] for file in tests}


def test_one_that_always_dies_has_no_third(suite):
    run = suite({"conftest.py": STILLBORN.format(condition="True"), "test_a.py": "def test_a():\n    pass\n"}).trun(
        "-n", "2", "--collect", "each"
    )
    assert run.code == 3, run.said
    assert "gw0 ended while it collected: signal 11 (SIGSEGV)" in run.said
    assert run.verdicts() == {}


@pytest.mark.parametrize("crime", ["os._exit(0)", "SIGKILL"])
@pytest.mark.parametrize("args", [("--setup-show",), ("-n0",)])
def test_a_crash_in_a_solo_run_costs_one_test(suite, args, crime):
    made = guilty_suite(suite, crime)
    if args == ("-n0",):  # the controller's hook makes it solo
        (made.root / "conftest.py").write_text("def pytest_terminal_summary(terminalreporter): print('summed up')\n")
    run = made.trun(*args)
    assert run.code == 1, run.said
    verdicts = run.verdicts()
    guilty = [name for name, found in verdicts.items() if found != ["passed"]]
    assert [verdicts[name] for name in guilty] == [[VERDICTS[crime]]]
    assert len(verdicts) == len(set((made.root / "ran").read_text().split())) + 1
    assert "test_guilty: the process has ended in this test" in run.said
    assert "trun: another process runs the " in run.said
    assert run.junit_text().count("<testcase ") == len(verdicts)


def test_the_last_test_of_a_solo_run_may_crash(suite):
    run = suite({"test_a.py": "import os\ndef test_passes(): pass\ndef test_dies(): os._exit(0)\n"}).trun(
        "--setup-show"
    )
    assert run.code == 1, run.said
    assert run.verdicts() == {"test_a.py::test_passes": ["passed"], "test_a.py::test_dies": ["premature_exit"]}


@pytest.mark.parametrize(("args", "run_are"), [(("-x",), 1), (("--max-worker-restart=1",), 2), ((), 4)])
def test_a_solo_run_ends_where_it_was_told_to(suite, args, run_are):
    tests = "import os\n" + "".join(f"def test_{n}(): os._exit(1)\n" for n in range(4))
    run = suite({"test_a.py": tests}).trun("--setup-show", *args)
    assert run.code == 1, run.said
    assert len(run.verdicts()) == run_are
