"""What is said of processes that die where no test can be blamed: who it was, and its last words."""

import pytest

TESTS = {f"test_{letter}.py": "def test_a():\n    pass\n" for letter in "abcd"}
IN_GW1 = """
    import os
    import pytest

    def pytest_configure(config):
        if getattr(config, "workerinput", {{}}).get("workerid") == "gw1":
            {act}
"""


def configured(suite, act, *args):
    return suite({"conftest.py": IN_GW1.format(act=act), **TESTS}).trun("-n", "2", "--collect", "each", *args)


def test_the_last_words_of_a_worker_that_was_not_ready_are_told(suite):
    run = configured(suite, 'os.write(2, b"no database for me\\n"); os._exit(7)')
    assert run.code == 3, run.said
    assert "gw1 ended while it collected: exit 7" in run.said
    assert "no database for me" in run.said
    assert "no database for me" in run.junit_text()


def test_a_plugin_that_fails_to_configure_in_one_worker_names_it(suite):
    run = configured(suite, 'raise RuntimeError("no database for me")')
    assert run.code == 3, run.said
    assert "gw1: INTERNALERROR> Traceback" in run.said
    assert "RuntimeError: no database for me" in run.said
    assert "gw1 ended its session before it had collected, with exit code 3; others did collect" in run.said


def test_a_session_that_ends_in_one_worker_alone_names_it(suite):
    run = configured(suite, 'raise pytest.UsageError("not here")')
    assert run.code == 4, run.said
    assert "gw1 ended its session before it had collected, with exit code 4; others did collect" in run.said


def test_replacements_that_die_before_they_are_ready_are_quoted(suite):
    conftest = """
        import os

        if os.environ.get("TRUN_ATTEMPT", "1") != "1":
            os.write(2, b"the port is taken\\n")
            os._exit(5)
    """
    crash = "import os, pytest\n\n@pytest.mark.parametrize('n', range(8))\ndef test_n(n):\n    n or os._exit(3)\n"
    run = suite({"conftest.py": "", "test_a.py": crash, "sub/conftest.py": conftest, "sub/test_b.py": crash}).trun(
        "-n", "1", "--collect", "each"
    )
    assert run.code == 2, run.said
    assert "gw0 ended before it had run a test: exit 5" in run.said
    assert "the port is taken" in run.said
    assert ["not_run"] in run.verdicts().values()


def test_a_cache_that_nobody_writes_is_told(suite):
    """The fork server writes it, and is killed."""
    kill = """
        import os, pathlib, signal

        def test_kills():
            engine = os.getppid()
            task = pathlib.Path(f"/proc/{engine}/task/{engine}/children")
            server = min(int(pid) for pid in task.read_text().split() if int(pid) != os.getpid())
            os.kill(server, signal.SIGKILL)
    """
    run = suite({"test_k.py": kill}).trun("-n", "1", "--collect", "each")
    assert run.verdicts() == {"test_k.py::test_kills": ["passed"]}, run.said
    assert "the cache could not be written" in run.said


@pytest.mark.parametrize("option", ["--metrics", "--junitxml"])
@pytest.mark.parametrize("path", ["/proc/nobody-writes-here/report", "a-folder"])
def test_a_report_that_cannot_be_written_is_named_before_anything_runs(suite, option, path):
    ours = suite({"test_a.py": "import pathlib\npathlib.Path(__file__).with_name('imported').touch()\n"})
    (ours.root / "a-folder").mkdir()
    run = ours.trun(f"{option}={path}")
    assert run.code == 4, run.said
    assert path.partition("/report")[0] in run.err
    assert not (ours.root / "imported").exists()


STILLBORN = """
    import os, pathlib, signal, time

    SERVER = os.getpid()
    MARK = pathlib.Path(__file__).with_name("one-has-died")

    def in_child():
        if os.getppid() != SERVER and not MARK.exists():
            MARK.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def in_parent():
        if os.getpid() == SERVER:
            time.sleep(0.5)  # before it tells the engine whom it has forked

    os.register_at_fork(after_in_child=in_child, after_in_parent=in_parent)
"""


@pytest.mark.parametrize("collect", ["each", "sharded"])
def test_a_process_that_dies_before_the_engine_knows_its_number_is_waited_for(suite, collect):
    """Its status was taken as a stranger's: "cannot open a pidfd", exit 3."""
    ours = suite({"conftest.py": STILLBORN, **TESTS})
    run = ours.trun("-n", "2", "--collect", collect, "--start", "fork")
    assert (ours.root / "one-has-died").exists()
    assert run.code == 0, run.said
    assert run.verdicts() == {f"{file}::test_a": ["passed"] for file in TESTS}


FORGES = """
    import time

    def test_forges(request):
        request.config.pluginmanager.get_plugin("trun-worker").link().channel.send({frame})
        time.sleep(60)
    """


@pytest.mark.parametrize(
    "frame, why",
    [
        ({"t": "forked", "request": 0, "pid": 1}, "it answered a fork that nobody had asked of it"),
        ({"t": "fork_failed", "request": 0, "error": "x"}, "it answered a fork that nobody had asked of it"),
        ({"t": "gave_back", "ordinal": 999, "cause": "memory", "detail": ""}, "it gave back what it was not given"),
        ({"t": "configured"}, "configured"),
        ({"t": "nobody knows"}, "nobody knows"),
    ],
)
def test_a_worker_that_says_what_only_others_say_is_ended_and_named(suite, frame, why):
    made = suite({"test_a.py": FORGES.format(frame=frame), "test_b.py": "def test_b(): pass\n"})
    run = made.trun("-n", "2", "--dist", "loadfile")
    assert run.code == 1, run.said
    assert run.verdicts() == {"test_a.py::test_forges": ["worker_lost"], "test_b.py::test_b": ["passed"]}
    assert why in run.said
    made.assert_no_survivor()
