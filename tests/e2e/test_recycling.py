"""Workers that are replaced: after so many tests, for memory, after a leak. Wider fixtures are set up anew."""

import pytest

CONFTEST = """
    import os, pathlib

    import pytest

    LOG = pathlib.Path(__file__).parent / "log"

    def note(line):
        with LOG.open("a") as file:
            file.write(line + "\\n")

    @pytest.fixture(scope="session", autouse=True)
    def session_thing():
        note(f"session-setup {os.getpid()}")
        yield
        note(f"session-teardown {os.getpid()}")

    @pytest.fixture(scope="module", autouse=True)
    def module_thing():
        note(f"module-setup {os.getpid()}")
        yield
        note(f"module-teardown {os.getpid()}")
"""
NOTING = """
    import os, threading, time

    import pytest

    from conftest import note

    kept = []

    @pytest.mark.parametrize("number", range(COUNT))
    def test_n(number):
        note(f"test {os.getpid()} {__name__} {number}")
        BODY
"""


def noting(count, body="pass"):
    return NOTING.replace("COUNT", str(count)).replace("BODY", body)


def processes(suite):
    """What each process did, in order, by pid."""
    found = {}
    for line in (suite.root / "log").read_text().splitlines():
        what, pid, *rest = line.split()
        found.setdefault(pid, []).append(" ".join([what, *rest]))
    return found


@pytest.mark.parametrize(
    ("collect", "workers", "lane"),
    [
        ("auto", "1", "auto"),
        ("auto", "2", "standard"),
        ("once", "2", "auto"),
        ("each", "1", "standard"),
        ("each", "2", "auto"),
        ("sharded", "1", "auto"),
        ("sharded", "2", "standard"),
    ],
)
def test_no_process_runs_more_tests_than_it_may(suite, collect, workers, lane):
    ours = suite({"conftest.py": CONFTEST, "test_a.py": noting(11), "test_b.py": noting(7)})
    run = ours.trun("-n", workers, "--collect", collect, "--lane", lane, "--max-tests-per-worker", "4", "-v")
    assert run.code == 0, run.said
    assert run.metrics()["tests"]["by_outcome"] == {"passed": 18}
    ran = processes(ours)
    tests = {pid: [line for line in lines if line.startswith("test")] for pid, lines in ran.items()}
    assert max(len(found) for found in tests.values()) <= 4
    assert sorted(line for found in tests.values() for line in found) == sorted(
        [f"test test_a {n}" for n in range(11)] + [f"test test_b {n}" for n in range(7)]
    )
    for lines in ran.values():
        # All that a process sets up it tears down.
        assert lines[0] == "session-setup" and lines[-1] == "session-teardown"
        assert lines.count("session-setup") == lines.count("session-teardown")
        assert lines.count("module-setup") == lines.count("module-teardown") >= 1
        # One worker knows what follows. Beside others one may run dry, tear everything down, and be given more after all.
        assert workers != "1" or lines.count("session-setup") == 1
    assert run.metrics()["recycled"]["max_tests_per_worker"] >= 3
    assert "is replaced (max_tests_per_worker)" in run.out


def test_one_worker_keeps_the_order(suite):
    ours = suite({"conftest.py": CONFTEST, "test_a.py": noting(9), "test_b.py": noting(4)})
    run = ours.trun("-n", "1", "--max-tests-per-worker", "3")
    assert run.code == 0, run.said
    ran = [line for line in (ours.root / "log").read_text().split("\n") if line.startswith("test")]
    assert [line.split()[2:] for line in ran] == [["test_a", str(n)] for n in range(9)] + [
        ["test_b", str(n)] for n in range(4)
    ]
    # 13 tests in threes: no process more than they need.
    assert len(processes(ours)) == 5
    assert run.metrics()["recycled"] == {"max_tests_per_worker": 4}


def test_zero_is_never(suite):
    ours = suite({"conftest.py": CONFTEST, "test_a.py": noting(30)})
    run = ours.trun("-n", "1", "--max-tests-per-worker", "0", "--worker-memory", "0")
    assert run.code == 0, run.said
    assert len(processes(ours)) == 1
    assert run.metrics()["collect"] == "each"


@pytest.mark.parametrize("lane", ["auto", "standard"])
@pytest.mark.parametrize("collect", ["once", "each", "sharded"])
def test_a_worker_that_holds_too_much_is_replaced_between_tests(suite, collect, lane):
    # 120 MB above what the interpreter has, from the third test on.
    hungry = noting(10, "kept.append(bytearray(os.urandom(1024)) * (120 * 1024)) if number == 2 else None")
    ours = suite({"conftest.py": CONFTEST, "test_a.py": hungry})
    limit = ("--worker-memory", "140MB", "-v")
    run = ours.trun("-n", "1", "--collect", collect, "--lane", lane, *limit)
    assert run.code == 0, run.said
    tests = [[line for line in lines if line.startswith("test")] for lines in processes(ours).values()]
    # The next test was known when the third was torn down: it is the last there.
    assert [len(found) for found in tests] == [4, 6]
    assert all(lines[-1] == "session-teardown" for lines in processes(ours).values())
    assert run.metrics()["recycled"] == {"worker_memory": 1}
    assert "gw0 is replaced (worker_memory): " in run.out
    assert " MB held, 140 MB allowed" in run.out


def test_a_process_that_starts_above_the_limit_still_gets_the_run_done(suite):
    ours = suite({"conftest.py": CONFTEST, "test_a.py": noting(8)})
    run = ours.trun("-n", "2", "--worker-memory", "1MB", "--collect", "once")
    assert run.code == 0, run.said
    assert run.metrics()["tests"]["by_outcome"] == {"passed": 8}
    assert run.metrics()["recycled"]["worker_memory"] >= 2


THREAD = "threading.Thread(target=time.sleep, args=(60,), daemon=True).start() if number == 1 else None"


def test_a_leak_that_fails_its_test_costs_the_worker(suite):
    ours = suite({"conftest.py": CONFTEST, "test_a.py": noting(8, THREAD)})
    run = ours.trun("-n", "1", "--leak", "fail", "-v")
    assert run.code == 1, run.said
    assert run.verdicts()["test_a.py::test_n[1]"] == ["leaked"]
    assert sum(verdict == ["passed"] for verdict in run.verdicts().values()) == 7
    assert [len([line for line in lines if line.startswith("test")]) for lines in processes(ours).values()] == [3, 5]
    assert "gw0 is replaced (leak): threads: " in run.out


@pytest.mark.parametrize("policy", ["warn", "ignore", "fail,threads=warn"])
def test_a_leak_that_is_warned_of_does_not(suite, policy):
    ours = suite({"conftest.py": CONFTEST, "test_a.py": noting(8, THREAD)})
    run = ours.trun("-n", "1", "--leak", policy)
    assert run.code == 0, run.said
    assert len(processes(ours)) == 1
    assert run.metrics()["recycled"] == {}


def test_crashes_and_recycling_together(suite):
    crash = noting(12, "os.abort() if number in (3, 7) else None")
    for workers in ("1", "2"):
        quiet = CONFTEST.replace("autouse=True", "autouse=False")
        ours = suite({"conftest.py": quiet, "test_a.py": crash, "test_b.py": crash}, name=f"suite{workers}")
        run = ours.trun("-n", workers, "--max-tests-per-worker", "3", "--collect", "once")
        assert run.code == 1, run.said
        outcomes = [verdict for verdicts in run.verdicts().values() for verdict in verdicts]
        assert sorted(outcomes) == ["crashed"] * 4 + ["passed"] * 20
        ran = list(processes(ours).values())
        assert max(map(len, ran)) <= 3 and sum(map(len, ran)) == 24
