"""A worker ends as an interpreter ends: what nobody closed is flushed, finalizers run, and nothing of it is cut short."""

import pytest

WAYS = [("0", "each"), ("1", "each"), ("2", "each"), ("2", "once"), ("2", "sharded")]

UNFLUSHED = {
    "conftest.py": """
        import os

        log = open(f"log-{os.environ.get('PYTEST_XDIST_WORKER', os.getpid())}.txt", "w")

        def pytest_runtest_logreport(report):
            if report.when == "call":
                log.write(report.nodeid + "\\n")
    """,
    "helper.py": """
        import os

        class Cycle:
            def __init__(self):
                self.me = self
                self.file = open(f"cycle-{os.getpid()}.txt", "w")

            def __del__(self):
                self.file.write("ended")

        kept = None

        def start():
            global kept
            kept = kept or Cycle()
    """,
    "test_a.py": "from helper import start\n\ndef test_a():\n    start()\n",
    "test_b.py": "from helper import start\n\ndef test_b():\n    start()\n",
}


@pytest.mark.parametrize("number, collect", WAYS)
def test_what_nobody_closed_is_flushed_and_finalizers_run(suite, number, collect):
    made = suite(UNFLUSHED)
    run = made.trun("-n", number, "--collect", collect, "-p", "no:cacheprovider")
    assert run.code == 0, run.said
    # As under xdist, the controller imports conftests, too, and is told of every test.
    logs = "log-gw*.txt" if number != "0" else "log-*.txt"
    logged = sorted(line for log in made.root.glob(logs) for line in log.read_text().split())
    assert logged == ["test_a.py::test_a", "test_b.py::test_b"]
    cycles = [log.read_text() for log in made.root.glob("cycle-*.txt")]
    assert cycles and set(cycles) == {"ended"}


def test_a_collecting_process_that_does_not_end_is_ended(suite):
    """Only there the handler hangs: workers have a name."""
    text = """
        import atexit, os, time

        atexit.register(lambda: "PYTEST_XDIST_WORKER" in os.environ or time.sleep(600))

        def test_it():
            pass
    """
    made = suite({"test_a.py": text, "test_b.py": text})
    run = made.trun("-n", "2", "--collect", "once", "--shutdown-timeout", "0.5", "--grace", "0.5")
    assert run.code == 0, run.said
    assert "the collecting process: it did not end within 0.5 s after its session (--shutdown-timeout)" in run.said


@pytest.mark.parametrize("number, collect", WAYS)
def test_a_cycle_made_at_import_is_collected_when_a_test_asks_for_it(suite, number, collect):
    text = """
        import gc, weakref

        class Node:
            pass

        def make():
            first, second = Node(), Node()
            first.other, second.other = second, first
            return weakref.ref(first), [first]

        reference, kept = make()

        def test_it():
            assert gc.isenabled() and gc.get_threshold()[0] > 0
            assert any(type(thing) is Node for thing in gc.get_objects())
            kept.clear()
            gc.collect()
            assert reference() is None
    """
    run = suite({"test_a.py": text, "test_b.py": text}).trun("-n", number, "--collect", collect)
    assert run.code == 0, run.said


@pytest.mark.parametrize("number, collect", [way for way in WAYS if way[1] != "sharded"])  # which that hook forbids
def test_what_a_conftest_freezes_stays_frozen(suite, number, collect):
    """As that of `packaging` does, whose tests take a quarter longer without."""
    conftest = """
        import gc

        def pytest_collection_finish(session):
            gc.collect()
            gc.freeze()
    """
    text = "import gc\n\ndef test_it():\n    assert gc.get_freeze_count() > 1000\n"
    made = suite({"conftest.py": conftest, "test_a.py": text, "test_b.py": text})
    run = made.trun("-n", number, "--collect", collect)
    assert run.code == 0, run.said


def test_what_a_module_says_to_the_garbage_collector_stands(suite):
    text = """
        import gc

        gc.disable()
        gc.set_threshold(123)

        def test_it():
            assert not gc.isenabled()
            assert gc.get_threshold()[0] == 123
    """
    assert suite({"test_a.py": text}).trun("-n", "1").code == 0


@pytest.mark.parametrize("number", ["0", "2"])
def test_a_session_finish_takes_its_time(suite, number):
    conftest = (
        "import time\ndef pytest_sessionfinish(session):\n    time.sleep(2.5)\n    open('finished', 'w').close()\n"
    )
    made = suite({"conftest.py": conftest, "test_a.py": "def test_a():\n    pass\n"})
    run = made.trun("-n", number, "--shutdown-timeout", "1", "--grace", "0.2", "--slow", "1")
    assert run.code == 0, run.said
    assert (made.root / "finished").exists()
    # Without workers pytest's own terminal is shown, and trun's notes are in the event log.
    noted = "\n".join(event["text"] for event in run.events() if event["event"] == "notice")
    assert "gw0: its session has been ending for 1" in noted
    assert "--session-finish-timeout" in noted
    assert 'conftest.py", line 3 in pytest_sessionfinish' in noted


def test_a_session_finish_that_hangs_is_ended_by_its_own_limit(suite):
    conftest = "import time\ndef pytest_sessionfinish(session):\n    time.sleep(100)\n"
    made = suite({"conftest.py": conftest, "test_a.py": "def test_a():\n    pass\n"})
    run = made.trun("-n", "1", "--session-finish-timeout", "0.5", "--grace", "0.5")
    assert run.code == 3
    assert "gw0: its session did not end within 0.5 s (pytest_sessionfinish, pytest_unconfigure" in run.said


HANGS = {
    "atexit": "import atexit, time\ndef stop_the_pump():\n    time.sleep(100)\natexit.register(stop_the_pump)\n",
    "thread": "import threading, time\ndef pytest_sessionfinish():\n"
    "    threading.Thread(target=time.sleep, args=(100,), name='the-pump').start()\n",
    "finalizer": "import time\nclass Pump:\n    def __del__(self, sleep=time.sleep):\n        sleep(100)\npump = Pump()\n",
}
NAMED = {"atexit": "in stop_the_pump", "thread": "the-pump", "finalizer": "in __del__"}


@pytest.mark.parametrize("place", HANGS)
def test_an_end_that_hangs_is_a_warning_that_names_it(suite, place):
    made = suite({"conftest.py": HANGS[place], "test_a.py": "def test_a():\n    pass\n"})
    run = made.trun("-n", "1", "--shutdown-timeout", "0.5", "--grace", "0.5")
    assert run.code == 0, run.said
    assert "gw0: it did not end within 0.5 s after its session" in run.said
    assert NAMED[place] in run.said
    assert made.trun("-n", "1", "--shutdown-timeout", "0.5", "--grace", "0.5", "--leak", "fail").code == 3


HANGS_BY_A_TEST = {
    "thread": "threading.Thread(target=time.sleep, args=(100,), name='the-pump').start()",
    "atexit": "atexit.register(stop_the_pump)",
}
NAMED_WITH_THE_TEST = {
    "thread": "threads that are not daemons: the-pump (started in test_a.py::test_starts)",
    "atexit": "atexit handlers were registered in test_a.py::test_starts",
}


@pytest.mark.parametrize("lane", ["auto", "standard"])
@pytest.mark.parametrize("what", HANGS_BY_A_TEST)
def test_an_end_that_hangs_names_the_test_that_started_it(suite, what, lane):
    text = f"""
        import atexit, threading, time

        def stop_the_pump():
            time.sleep(100)

        def test_before():
            threading.Thread(target=int).start()

        def test_starts():
            {HANGS_BY_A_TEST[what]}

        def test_after():
            atexit.register(int)
            atexit.unregister(int)
    """
    made = suite({"test_a.py": text})
    args = ("-n", "1", "--lane", lane, "--shutdown-timeout", "0.5", "--grace", "0.5")
    run = made.trun(*args)
    assert run.code == 0, run.said
    assert f"gw0: it did not end within 0.5 s after its session: {NAMED_WITH_THE_TEST[what]}" in run.said
    if what == "atexit":
        assert "in stop_the_pump" in run.said
    assert all(found == ["passed"] for found in run.verdicts().values())
    assert made.trun(*args, "--leak", "fail", "-k", "starts").code == (1 if what == "thread" else 3)


def test_an_end_may_take_five_seconds(suite):
    """Not four, in which a process may be busy with something."""
    made = suite({"test_a.py": HANGS["atexit"] + "def test_a():\n    pass\n"})
    run = made.trun("-n", "1", "--grace", "0.2")
    assert run.code == 0, run.said
    assert "gw0: it did not end within 5.0 s after its session" in run.said
    assert 5 <= run.seconds < 9


def test_a_crash_in_the_exit_of_the_interpreter_is_told_and_changes_no_verdict(suite):
    conftest = "import atexit, os, signal\natexit.register(lambda: os.kill(os.getpid(), signal.SIGSEGV))\n"
    run = suite({"conftest.py": conftest, "test_a.py": "def test_a():\n    pass\n"}).trun("-n", "1")
    assert run.code == 0, run.said
    assert "gw0: signal 11 (SIGSEGV) in the interpreter's exit, after its session" in run.said


@pytest.mark.parametrize(
    "args", [("-n", "0"), ("-n", "2"), ("-n", "0", "--start", "fresh"), ("-n", "2", "--start", "fresh")]
)
def test_what_the_configuration_holds_is_freed_while_modules_are_whole(suite, args):
    """A database that a plugin keeps there is closed so; trun must not keep the configuration beyond pytest's own end."""
    made = suite(
        {
            "conftest.py": """
                import os
                class Held:
                    def __del__(self):
                        os.write(2, b"freed in time\\n")
                def pytest_configure(config):
                    config.held, config.itself = Held(), config
            """,
            "test_a.py": "def test(): pass\n",
            "test_b.py": "def test(): pass\n",
        }
    )
    # Some of the plugins that are installed here keep it themselves, under pytest, too.
    run = made.trun(*args, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
    assert run.code == 0, run.said
    assert run.said.count("freed in time") == max(1, int(args[1])), run.said
