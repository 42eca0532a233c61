"""Session fixtures that are executed once for all workers."""

import signal

import pytest

import harness

FIXTURES = """
    import os, time

    import pytest

    def note(what):
        with open("notes", "a") as file:
            file.write(f"{what} {os.environ['TRUN_WORKER']}\\n")

    @pytest.fixture(scope="session")
    def database_url():
        note("setup")
        time.sleep(0.3)
        yield {"url": f"db://{os.getpid()}", "pid": os.getpid()}
        note("teardown")

    @pytest.fixture(scope="session")
    def table(database_url):
        note("table")
        yield database_url["url"] + "/table"
        note("untable")
"""
TESTS = """
    import glob, os, time

    import pytest

    def wait_for_the_others():
        # A machine that is busy may start one worker when the others are through with all tests.
        open("here-" + os.environ["TRUN_WORKER"], "w").close()
        deadline = time.monotonic() + 30
        while len(glob.glob("here-*")) < int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", 1)) and time.monotonic() < deadline:
            time.sleep(0.01)

    @pytest.mark.parametrize("n", range(6))
    def test_use(table, database_url, n):
        wait_for_the_others()
        with open(f"used-{database_url['pid']}", "a") as file:
            file.write(os.environ["TRUN_WORKER"] + "\\n")
        assert table == database_url["url"] + "/table"
        time.sleep(0.1)
"""
CONFIG = '[fixtures]\nonce = ["database_url"]\n'
FILES = {"conftest.py": FIXTURES, "trun.toml": CONFIG, **{f"test_{letter}.py": TESTS for letter in "abcd"}}
WAYS = [(), ("--collect=once",), ("--collect=each",), ("--lane=standard",), ("--dist=loadfile",)]


def notes(made):
    return (made.root / "notes").read_text().splitlines()


def users(made):
    found = [file.read_text().split() for file in made.root.glob("used-*")]
    assert len(found) == 1, "all had the value of one process"
    return set(found[0])


@pytest.mark.parametrize("args", WAYS)
def test_executed_once_and_torn_down_after_the_last_user(suite, args):
    made = suite(FILES)
    run = made.trun("--shutdown-timeout=60", "-n3", *args)
    assert run.code == 0, run.said
    told = notes(made)
    kinds = [line.split()[0] for line in told]
    assert kinds.count("setup") == kinds.count("teardown") == 1, told
    assert kinds[0] == "setup"
    assert kinds[-1] == "teardown", "what depends on it in other workers was torn down before"
    assert told[0].split()[1] == told[-1].split()[1]
    assert users(made) == {"gw0", "gw1", "gw2"}
    assert kinds.count("table") == kinds.count("untable") >= 3


@pytest.mark.parametrize("number", ["-n0", "-n1"])
def test_with_one_worker_it_is_pytests(suite, number):
    made = suite(FILES)
    run = made.trun("--shutdown-timeout=60", number)
    assert run.code == 0, run.said
    assert [line.split()[0] for line in notes(made)] == ["setup", "table", "untable", "teardown"]


def test_a_failure_is_everybodys(suite):
    made = suite(FILES)
    made.write(
        {"conftest.py": FIXTURES.replace('yield {"url"', 'raise ValueError("no such host")\n        yield {"url"')}
    )
    run = made.trun("--shutdown-timeout=60", "-n3")
    assert run.code == 1
    assert [line.split()[0] for line in notes(made)] == ["setup"], "it is tried once"
    results = [result for all_of in run.junit().values() for result in all_of]
    assert results == ["error"] * 24
    assert "the once-fixture 'database_url' failed in gw" in run.said
    assert "no such host" in run.said


def test_a_skip_is_everybodys(suite):
    made = suite(FILES)
    made.write({"conftest.py": FIXTURES.replace('yield {"url"', 'pytest.skip("no docker")\n        yield {"url"')})
    run = made.trun("--shutdown-timeout=60", "-n3")
    assert run.code == 0, run.said
    assert {result for all_of in run.junit().values() for result in all_of} == {"skipped"}
    assert [line.split()[0] for line in notes(made)] == ["setup"]
    assert "no docker" in run.junit_text()


def test_a_value_that_cannot_be_pickled_is_an_error_that_names_the_fixture(suite):
    made = suite(FILES)
    made.write({"conftest.py": FIXTURES.replace('"pid": os.getpid()}', '"pid": os.getpid(), "lock": (lambda: 0)}')})
    run = made.trun("--shutdown-timeout=60", "-n3")
    assert run.code == 1
    assert "the value of the once-fixture 'database_url' cannot be given to other workers" in run.said
    assert "take the fixture out of [fixtures] once" in run.said
    assert {result for all_of in run.junit().values() for result in all_of} == {"error"}
    assert [line.split()[0] for line in notes(made)] == ["setup", "teardown"]


def test_a_fixture_of_another_scope_is_refused_by_name(suite):
    made = suite(
        {
            "trun.toml": CONFIG,
            "conftest.py": FIXTURES.replace('"session"', '"module"'),
            "test_a.py": TESTS,
            "test_b.py": TESTS,
        }
    )
    run = made.trun("--shutdown-timeout=60", "-n2")
    assert run.code == 1
    assert "[fixtures] once names 'database_url', whose scope is module" in run.said


def test_none_is_a_value(suite):
    conftest = """
    import pytest

    @pytest.fixture(scope="session")
    def database_url():
        with open("notes", "a") as file:
            file.write("setup\\n")
    """
    test = """
    import time

    import pytest

    @pytest.mark.parametrize("n", range(4))
    def test_use(database_url, n):
        time.sleep(0.1)
        assert database_url is None
    """
    made = suite({**FILES, "conftest.py": conftest, **{f"test_{letter}.py": test for letter in "abcd"}})
    run = made.trun("--shutdown-timeout=60", "-n3")
    assert run.code == 0, run.said
    assert notes(made) == ["setup"]


def test_each_parameter_is_executed_once(suite):
    conftest = """
    import pytest

    def note(what):
        with open("notes", "a") as file:
            file.write(f"{what}\\n")

    @pytest.fixture(scope="session", params=["one", {"two": 2}])
    def database_url(request):
        note(f"setup {request.param}")
        yield request.param
        note(f"teardown {request.param}")
    """
    test = """
    import time

    import pytest

    @pytest.mark.parametrize("n", range(3))
    def test_use(database_url, n):
        time.sleep(0.1)
        assert database_url in ("one", {"two": 2})
    """
    made = suite({**FILES, "conftest.py": conftest, **{f"test_{letter}.py": test for letter in "abcd"}})
    run = made.trun("--shutdown-timeout=60", "-n2")
    assert run.code == 0, run.said
    assert sorted(notes(made)) == ["setup one", "setup {'two': 2}", "teardown one", "teardown {'two': 2}"]


def test_the_wait_for_the_owner_is_no_test_time(suite):
    """The owner takes 3 s; the others may take 1 s each, and wait longer than that. pytest-timeout's own clock would not stop."""
    # Only these two: tests that wait for each other would wait for a file that no worker goes back for.
    made = suite({name: text for name, text in FILES.items() if not name.startswith("test_")})
    slow = FIXTURES.replace("time.sleep(0.3)", "time.sleep(3)")
    user = """
    import time

    import pytest

    def test_the_owner_is_at_work(began):
        pass

    @pytest.mark.timeout(1)
    def test_waits(database_url):
        pass
    """
    began = """
    @pytest.fixture
    def began():
        deadline = time.time() + 20
        while not os.path.exists("notes") and time.time() < deadline:
            time.sleep(0.01)
    """
    made.write(
        {
            "conftest.py": slow + began,
            "test_a.py": "def test_owner(database_url): pass\n",
            "test_b.py": user,
        }
    )
    run = made.trun("-p", "no:timeout", "--shutdown-timeout=60", "-n2", "--collect=each", "--dist=loadfile")
    assert run.code == 0, run.said
    made.write({"conftest.py": slow.replace("session", "function") + began, "trun.toml": ""})
    assert made.trun("-p", "no:timeout", "--shutdown-timeout=60", "-n2", "--dist=loadfile", "--grace=0").code == 1, (
        "the control: the same wait, in the test"
    )


DIES_MAKING = """
        if not os.path.exists("died"):
            open("died", "w").close()
            os.abort()
"""
DIES_LATER = """
        if database_url["pid"] == os.getpid() and n == 2 and not os.path.exists("died"):
            open("died", "w").close()
            os.abort()
"""


@pytest.mark.parametrize("when", ["making", "made"])
def test_another_executes_it_when_the_owner_dies(suite, when):
    conftest, test = FIXTURES, TESTS
    if when == "making":
        conftest = FIXTURES.replace("time.sleep(0.3)\n", "time.sleep(0.3)" + DIES_MAKING)
    else:
        test = TESTS.replace("time.sleep(0.1)\n", "time.sleep(0.1)" + DIES_LATER)
    made = suite({**FILES, "conftest.py": conftest, **{f"test_{letter}.py": test for letter in "abcd"}})
    run = made.trun("--shutdown-timeout=60", "-n3")
    assert run.code == 1
    assert "the once-fixture 'database_url', died: it is executed anew" in run.said
    outcomes = [outcome for all_of in run.verdicts().values() for outcome in all_of]
    assert outcomes.count("crashed") == 1
    assert outcomes.count("passed") == 23, run.said
    kinds = [line.split()[0] for line in notes(made)]
    assert kinds.count("setup") == 2
    assert kinds.count("teardown") == 1


def test_an_error_in_its_teardown_is_not_lost(suite):
    made = suite(FILES)
    made.write({"conftest.py": FIXTURES.replace('note("teardown")', 'raise OSError("disk full")')})
    run = made.trun("--shutdown-timeout=60", "-n3")
    assert run.code == 1
    assert "a session fixture's teardown failed, after the last test: OSError: disk full" in run.said


def test_ctrl_c_while_it_is_executed(suite):
    made = suite(FILES)
    made.write({"conftest.py": FIXTURES.replace("time.sleep(0.3)", "time.sleep(30)")})
    process = made.start("-n3", "--shutdown-timeout=60")
    assert harness.wait_until((made.root / "notes").exists, 20)
    process.send_signal(signal.SIGINT)
    run = made.finish(process, 20)
    assert run.code == 2, run.said


STUBBORN = """
    import os, time

    import pytest

    @pytest.fixture(scope="session")
    def database_url():
        yield "db://" + __name__
        open("torn-down-" + __name__, "w").close()

    @pytest.mark.parametrize("n", range(5))
    def test_use(database_url, n):
        open("begun-" + __name__, "w").close()
        try:
            time.sleep(20)
        except KeyboardInterrupt:
            pass
"""


def test_ctrl_c_where_every_worker_owns_one_and_has_tests_left(suite):
    """Each keeps its own for tests of others that are still to come. There are none any more."""
    made = suite({"trun.toml": CONFIG, "test_a.py": STUBBORN, "test_b.py": STUBBORN})
    process = made.start("-n2", "--shutdown-timeout=60")
    assert harness.wait_until(lambda: len(list(made.root.glob("begun-*"))) == 2, 20)
    process.send_signal(signal.SIGINT)
    run = made.finish(process, 30)
    assert run.code == 2, run.said
    assert sorted(run.verdicts().values()) == [["passed"]] * 2
    assert len(list(made.root.glob("torn-down-*"))) == 2


@pytest.mark.parametrize("isolate", ["file", "test"])
def test_it_outlives_the_processes_of_isolated_tests(suite, isolate):
    made = suite(FILES)
    made.write({"trun.toml": CONFIG + f'[[overrides]]\npaths = "*"\nisolate = "{isolate}"\n'})
    run = made.trun("--shutdown-timeout=60", "-n2")
    assert run.code == 0, run.said
    kinds = [line.split()[0] for line in notes(made)]
    assert kinds.count("setup") == kinds.count("teardown") == 1, kinds
    assert kinds[-1] == "teardown"
