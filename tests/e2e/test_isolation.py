"""isolate: what a test does to its process no other test sees, in every lane and way to collect; and what it costs in set-ups."""

import pytest

# What each test finds is the state after collection; what it leaves would be found by the next.
STATEFUL = """
    import os, pathlib, sys

    import pytest

    LOG = pathlib.Path(__file__).parent.parent / "log"
    state = []
    HOME = os.getcwd()

    def note(line):
        with LOG.open("a") as file:
            file.write(line + "\\n")

    @pytest.fixture(scope="session")
    def session_thing():
        note(f"session-setup {os.getpid()}")
        yield state
        note(f"session-teardown {os.getpid()}")

    @pytest.fixture(scope="module")
    def module_thing(session_thing):
        note(f"module-setup {os.getpid()}")
        yield
        note(f"module-teardown {os.getpid()}")

    @pytest.mark.parametrize("number", range(3))
    def test_clean(number, module_thing, tmp_path):
        note(f"test {os.getpid()} {__name__}-{number}")
        found = [state[:], os.environ.get("LEAKED"), os.getcwd(), "this_is_new" in sys.modules, hasattr(os, "leaked")]
        state.append(number)
        os.environ["LEAKED"] = "yes"
        sys.modules["this_is_new"] = sys
        os.leaked = True
        os.chdir(tmp_path)
        assert found == [[], None, HOME, False, False]
"""
WAYS = [
    ("auto", "auto", "1"),
    ("auto", "standard", "2"),
    ("once", "standard", "1"),
    ("once", "auto", "2"),
    ("each", "auto", "2"),
    ("each", "standard", "1"),
    ("sharded", "auto", "1"),
    ("sharded", "standard", "2"),
]


def log_of(suite):
    return [line.split() for line in (suite.root / "log").read_text().splitlines()]


def pids(log, kind="test"):
    return [line[1] for line in log if line[0] == kind]


def stateful_suite(suite):
    return suite({"tests/test_a.py": STATEFUL, "tests/test_b.py": STATEFUL, "tests/test_c.py": STATEFUL})


@pytest.mark.parametrize(("collect", "lane", "workers"), WAYS)
def test_nothing_leaks_from_one_test_to_the_next(suite, collect, lane, workers):
    ours = stateful_suite(suite)
    run = ours.trun("-n", workers, "--collect", collect, "--lane", lane, "--isolate", "test")
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 9
    log = log_of(ours)
    assert len(set(pids(log))) == len(pids(log)) == 9
    # Each process sets up and tears down what its one test needs.
    for kind in ("session-setup", "module-setup", "module-teardown", "session-teardown"):
        assert sorted(pids(log, kind)) == sorted(pids(log)), kind
    assert run.metrics()["collect"] == ("once" if collect == "auto" else collect)
    assert run.metrics()["recycled"]["isolate"] >= 9 - 2 * int(workers)


@pytest.mark.parametrize(("collect", "lane", "workers"), WAYS)
def test_without_isolation_it_does_leak(suite, collect, lane, workers):
    """The negative control of the test above."""
    run = stateful_suite(suite).trun("-n", workers, "--collect", collect, "--lane", lane)
    assert run.code == 1, run.said
    assert run.metrics()["recycled"] == {}


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("collect", ["auto", "each", "sharded"])
def test_a_file_has_a_process_of_its_own(suite, collect, workers):
    text = STATEFUL.replace("assert found == [[], None, HOME, False, False]", "assert len(found[0]) == number")
    ours = suite({f"tests/test_{name}.py": text for name in "abc"})
    run = ours.trun("-n", workers, "--collect", collect, "--isolate", "file")
    assert run.code == 0, run.said
    log = log_of(ours)
    by_file = {}
    for _, pid, name in (line for line in log if line[0] == "test"):
        by_file.setdefault(name.partition("-")[0], set()).add(pid)
    assert [len(found) for found in by_file.values()] == [1, 1, 1]
    assert len(set(pids(log))) == 3
    assert len(pids(log, "session-setup")) == len(pids(log, "module-teardown")) == 3


def test_the_order_of_one_worker_stays(suite):
    ours = stateful_suite(suite)
    run = ours.trun("-n", "1", "--isolate", "test")
    names = [line[2] for line in log_of(ours) if line[0] == "test"]
    assert names == [f"test_{file}-{number}" for file in "abc" for number in range(3)], run.said


MIXED = """
    import os, pathlib

    import pytest

    LOG = pathlib.Path(__file__).parent / "log"

    @pytest.fixture(scope="session", autouse=True)
    def session_thing():
        with LOG.open("a") as file:
            file.write(f"session-setup {os.getpid()}\\n")

    def note(name):
        with LOG.open("a") as file:
            file.write(f"test {os.getpid()} {name}\\n")

    @pytest.mark.parametrize("number", range(10))
    def test_plain(number):
        note("plain")

    @pytest.mark.trun(isolate="test")
    def test_alone():
        note("alone")

    def test_named():
        note("named")

    class TestSome:
        pytestmark = pytest.mark.trun(isolate="test")

        def test_one(self):
            note("one")

        @pytest.mark.trun(isolate="none")
        def test_two(self):
            note("two")
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_markers_and_overrides_say_who_is_isolated(suite, workers):
    toml = '[[overrides]]\nids = "*::test_named"\nisolate = "test"\n'
    ours = suite({"test_m.py": MIXED, "trun.toml": toml})
    run = ours.trun("-n", workers, "-v")
    assert run.code == 0, run.said
    assert "once: fresh processes start with what was collected" in run.out
    by_pid = {}
    for line in log_of(ours):
        by_pid.setdefault(line[1], []).append(line[2] if line[0] == "test" else "setup")
    alone = sorted(names[1] for names in by_pid.values() if names[1] not in ("plain", "two"))
    assert alone == ["alone", "named", "one"]
    assert all(names[0] == "setup" and names.count("setup") == 1 for names in by_pid.values())
    assert all(len(names) == 2 for names in by_pid.values() if names[1] not in ("plain", "two"))
    # In order, what is isolated parts what is not; elsewhere the plain ones need a process for each worker only.
    assert len(by_pid) <= (5 if workers == "1" else 3 + 2)


@pytest.mark.parametrize("collect", ["auto", "each"])
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_crash_is_the_isolated_test_s_alone(suite, collect, workers):
    text = """
        import os, signal

        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_c(number):
            if number == 2:
                os.kill(os.getpid(), signal.SIGSEGV)
            if number == 5:
                os._exit(0)
    """
    run = suite({"test_c.py": text}).trun("-n", workers, "--collect", collect, "--isolate", "test")
    assert run.code == 1, run.said
    expected = {f"test_c.py::test_c[{number}]": ["passed"] for number in range(8)}
    expected["test_c.py::test_c[2]"] = ["crashed"]
    expected["test_c.py::test_c[5]"] = ["premature_exit"]
    assert run.verdicts() == expected


def test_recycling_does_not_count_as_a_restart(suite):
    run = stateful_suite(suite).trun("-n", "2", "--isolate", "test", "--max-worker-restart", "0")
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 9


def test_the_first_failure_stops_the_run(suite):
    text = "import pytest\n\n@pytest.mark.parametrize('n', range(30))\ndef test_n(n):\n    assert n != 4\n"
    run = suite({"test_n.py": text}).trun("-n", "1", "--isolate", "test", "-x")
    assert run.code == 1, run.said
    assert list(run.verdicts()) == [f"test_n.py::test_n[{n}]" for n in range(5)]


def test_attached_workers_are_isolated_too(suite):
    ours = stateful_suite(suite)
    run = ours.trun("-n", "0", "--isolate", "test")
    assert run.code == 0, run.said
    assert len(set(pids(log_of(ours)))) == 9


def test_a_solo_run_says_that_it_cannot(suite):
    run = suite({"test_a.py": "def test_a():\n    pass\n"}).trun("--isolate", "test", "--setup-show")
    assert run.code == 0, run.said
    assert "have no effect" in run.err


def test_many_isolated_tests_leave_no_descriptors_open(suite):
    """Each process costs the engine pipes, sockets and pages, which it has to let go of."""
    text = "import pytest\n\n@pytest.mark.parametrize('n', range(120))\ndef test_n(n):\n    pass\n"
    run = suite({"test_n.py": text}).trun("-n", "2", "--isolate", "test", preexec_fn=few_descriptors, limit=180)
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 120


def few_descriptors():
    import resource

    # The worker's own descriptors begin at 600. Each process costs the engine six while it lives.
    resource.setrlimit(resource.RLIMIT_NOFILE, (650, 650))
