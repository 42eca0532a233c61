"""Where workers start from: what imports bind to a process is each worker's own, as under xdist; nothing bound costs nothing."""

import re
import textwrap

import pytest

WAYS = [("each", 2), ("once", 2), ("sharded", 2), ("auto", 1), ("auto", 4)]

# A thread answers what tests ask: after a fork it does not exist.
THREAD = """
    import queue, threading
    questions, answers = queue.Queue(), queue.Queue()
    def answer():
        while True:
            answers.put(questions.get() * 2)
    threading.Thread(target=answer, daemon=True, name="answerer").start()
"""
ASKS = """
    import pytest, answering
    @pytest.mark.parametrize("number", range(4))
    def test_answer(number):
        answering.questions.put(number)
        assert answering.answers.get() == number * 2
"""
FILES = [f"test_{letter}.py" for letter in "abcd"]
IN_PLACE = "start: the process itself that has imported plugins and conftests"


def start_of(run):
    """What -v says of the start."""
    return next(line for line in run.said.splitlines() if line.startswith("trun: start: "))


@pytest.mark.parametrize("collect, workers", [*WAYS, ("auto", 0)])
def test_threads_of_a_conftest_run_in_every_worker(suite, collect, workers):
    made = suite({"answering.py": THREAD, "conftest.py": "import answering\n", **dict.fromkeys(FILES, ASKS)})
    run = made.trun("-v", "-n", str(workers), "--collect", collect)
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 16
    assert (IN_PLACE if workers == 0 else "fresh: thread 'answerer' (started at answering.py:7) runs") in start_of(run)


@pytest.mark.parametrize("collect, workers", WAYS)
def test_a_conftest_knows_its_worker(suite, collect, workers):
    made = suite(
        {
            "conftest.py": """
                import os, tempfile
                NAME = os.environ.get("PYTEST_XDIST_WORKER", "master")
                FOLDER = tempfile.mkdtemp(prefix=NAME)
            """,
            **dict.fromkeys(
                FILES,
                """
                import os, conftest
                def test_name():
                    assert conftest.NAME == os.environ["PYTEST_XDIST_WORKER"]
                    os.mkdir(os.path.join(conftest.FOLDER, __name__))
                """,
            ),
        }
    )
    run = made.trun("-v", "-n", str(workers), "--collect", collect)
    assert run.code == 0, run.said
    assert "fresh: conftest.py:3 read the variable PYTEST_XDIST_WORKER" in start_of(run)


def test_variables_of_the_slot_are_there_when_a_conftest_is_imported(suite):
    made = suite(
        {
            "trun.toml": '[env]\nDATABASE = "db_{slot}"\n',
            "conftest.py": "import os\nDATABASE = os.environ.get('DATABASE')\nSLOT = os.environ.get('TRUN_SLOT')\n",
            **dict.fromkeys(
                FILES, "import conftest\ndef test_it():\n    assert conftest.DATABASE == f'db_{conftest.SLOT}'\n"
            ),
        }
    )
    for workers in ("0", "2"):
        run = made.trun("-v", "-n", workers)
        assert run.code == 0, run.said


def test_a_test_file_that_binds_something_is_imported_by_every_worker(suite):
    made = suite(
        {"test_one.py": "import uuid\nID = uuid.uuid4()\n" + "".join(f"def test_{n}(): pass\n" for n in range(20))}
    )
    run = made.trun("-v", "-n", "2", "--collect", "once")
    assert run.code == 0, run.said
    assert "collecting again: each: test_one.py:2 drew random bytes" in run.said
    assert len(run.verdicts()) == 20


def test_what_an_import_bound_is_foreseen_by_the_next_run_until_the_file_changes(suite):
    tests = "".join(f"def test_{n}(): pass\n" for n in range(20))
    sees_all = "def pytest_collection_modifyitems(items): pass\n"
    made = suite({"conftest.py": sees_all, "test_one.py": f"import uuid\nID = (lambda: uuid.uuid4())()\n{tests}"})
    run = made.trun("-v", "-n", "2")
    assert "collecting again: each: test_one.py:2 drew random bytes" in run.said
    run = made.trun("-v", "-n", "2")
    assert run.code == 0, run.said
    assert "collecting again" not in run.said
    assert "not once: test_one.py:2 drew random bytes (os.urandom, uuid, secrets) in an earlier run" in run.said
    assert len(run.verdicts()) == 20
    made.write({"test_one.py": f"import uuid\nID = 1\n{tests}"})
    run = made.trun("-v", "-n", "2")
    assert run.code == 0, run.said
    assert "collecting again" not in run.said and "earlier run" not in run.said


def test_workers_are_forked_where_nothing_is_bound(suite):
    made = suite(
        {"conftest.py": "import os, re, logging\nX = re.compile('x')\n", **dict.fromkeys(FILES, "def test(): pass\n")}
    )
    run = made.trun("-v", "-n", "2")
    assert run.code == 0, run.said
    assert start_of(run) == "trun: start: fork: no import has bound anything to its process"


def test_what_a_plugin_does_for_itself_is_nobodys_import(suite):
    """As pytest-cov, which starts to measure before the first conftest is read: it is called by pytest, and that by trun."""
    plugin = "import os\ndef pytest_load_initial_conftests(): os.urandom(8)\n"
    made = suite({"site-packages/measuring.py": plugin, **dict.fromkeys(FILES, "def test(): pass\n")})
    env = made.environment({"PYTHONPATH": str(made.root / "site-packages")})
    run = made.trun("-v", "-n", "2", "-p", "measuring", env=env)
    assert run.code == 0, run.said
    assert start_of(run) == "trun: start: fork: no import has bound anything to its process"


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_a_generator_of_a_module_gives_each_worker_other_numbers(suite, collect):
    test = "import conftest, time\ndef test(): time.sleep(0.3); print('<<', conftest.RNG.random(), '>>'); assert 0\n"
    made = suite({"conftest.py": "import random\nRNG = random.Random()\n", **dict.fromkeys(FILES, test)})
    run = made.trun("-v", "-n2", "--collect", collect)
    assert "start: fork: no import has bound anything" in run.said
    numbers = re.findall("^<< (.*) >>$", run.out, re.MULTILINE)
    assert len(set(numbers)) == len(FILES), numbers


def test_each_worker_is_launched_where_a_plugin_has_bound_something(suite):
    """Plugins are imported before there is a twin; a thread of theirs is in no fork."""
    made = suite({"answering.py": THREAD, "test_a.py": ASKS, "test_b.py": ASKS})
    for workers in ("0", "2"):
        run = made.trun("-v", "-n", workers, "-p", "answering", env={"PYTHONPATH": str(made.root)})
        assert run.code == 0, run.said
        assert (IN_PLACE if workers == "0" else "fresh: thread 'answerer'") in start_of(run)
        assert len(run.verdicts()) == 8


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_fresh_can_be_asked_for(suite, collect):
    made = suite({"conftest.py": "", **dict.fromkeys(FILES, "def test(): pass\n")})
    run = made.trun("-v", "-n", "2", "--start", "fresh", "--collect", collect)
    assert run.code == 0, run.said
    assert "fresh: --start fresh" in start_of(run)


@pytest.mark.parametrize("collect", ["each", "once", "sharded"])
def test_a_worker_that_a_fork_has_left_without_threads_is_replaced(suite, collect):
    made = suite({"answering.py": THREAD, "conftest.py": "import answering\n", **dict.fromkeys(FILES, ASKS)})
    run = made.trun("-n", "2", "--start", "fork", "--collect", collect)
    assert run.code == 0, run.said
    assert run.verdicts() == {f"{file}::test_answer[{n}]": ["passed"] for file in FILES for n in range(4)}
    assert "stood still: it was forked" in run.said


def test_a_collection_that_stands_still_after_a_fork_is_repeated(suite):
    asks_at_import = (
        "import answering\nanswering.questions.put(1)\nassert answering.answers.get() == 2\ndef test(): pass\n"
    )
    made = suite({"answering.py": THREAD, "conftest.py": "import answering\n", **dict.fromkeys(FILES, asks_at_import)})
    run = made.trun("-v", "-n", "2", "--start", "fork")
    assert run.code == 0, run.said
    assert "stood still" in run.said


def test_a_test_that_waits_for_something_that_comes_is_let_wait(suite):
    """Its threads all wait, but with a limit, or for another process."""
    made = suite(
        {
            "test_waits.py": """
                import multiprocessing, threading, time
                def give(lock):
                    time.sleep(4)
                    lock.release()
                def test_limit():
                    assert not threading.Event().wait(4)
                def test_other_process():
                    lock = multiprocessing.Lock()
                    lock.acquire()
                    multiprocessing.get_context("fork").Process(target=give, args=(lock,)).start()
                    lock.acquire()
            """
        }
    )
    run = made.trun("-n", "2")
    assert run.code == 0, run.said
    assert "stood still" not in run.said


def test_what_a_base_folder_holds_is_one_folder_for_fresh_workers(suite):
    made = suite(
        {
            "conftest.py": "import uuid\nID = uuid.uuid4()\n",
            **dict.fromkeys(FILES, "def test(tmp_path):\n    print('<<' + str(tmp_path) + '>>')\n    assert 0\n"),
        }
    )
    run = made.trun("-n", "2", "--collect", "each")
    bases = {line.split("<<")[1].split("/popen-")[0] for line in run.out.splitlines() if line.startswith("<<")}
    assert len(bases) == 1, run.out


@pytest.mark.parametrize("what", ["signal.SIG_IGN", "lambda *a: [0 for _ in iter(reaped, 0)]"])
@pytest.mark.parametrize("where", ["conftest.py", FILES[0]])
@pytest.mark.parametrize("workers", ["0", "2"])
def test_children_that_the_user_reaps_are_forked_all_the_same(suite, what, where, workers):
    reaps = f"""
        import os, signal
        def reaped():
            try:
                return os.waitpid(-1, os.WNOHANG)[0]
            except ChildProcessError:
                return 0
        signal.signal(signal.SIGCHLD, {what})
    """
    files = {"conftest.py": "", **dict.fromkeys(FILES, "def test(): pass\n")}
    files[where] = textwrap.dedent(reaps) + files[where]
    run = suite(files).trun("-n", workers, "--collect", "once" if workers == "2" else "auto")
    assert run.code == 0, run.said
    assert len(run.verdicts()) == len(FILES)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        pytest.param(
            {
                "helpers.py": "import pytest\n@pytest.fixture\ndef helped(): return 1\n",
                "test_one.py": "pytest_plugins = ['helpers']\ndef test(helped): pass\n",
                "test_two.py": "def test(helped): pass\n",
            },
            "test_one.py mentions pytest_plugins",
            id="plugins that a test file names are the whole session's",
        ),
        pytest.param(
            {
                "helpers.py": "import pytest\n@pytest.fixture\ndef total(request): return len(request.session.items)\n",
                "conftest.py": "from helpers import total\n",
                "test_one.py": "def test(total): assert total == 2\n",
                "test_two.py": "def test(total): assert total == 2\n",
            },
            "helpers.py mentions session.items",
            id="a module that a conftest imports reads the collection",
        ),
    ],
)
def test_what_is_the_whole_sessions_speaks_against_shards(suite, files, reason):
    run = suite(files).trun("-v", "-n", "2")
    assert run.code == 0, run.said
    assert reason in run.said


def test_a_loop_of_the_users_own_is_pytests_to_run(suite):
    loop = """
        import pytest
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtestloop(session):
            for item in session.items[1:]:
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            return True
    """
    for workers in ("0", "2"):
        made = suite({"conftest.py": loop, "test_one.py": "def test_a(): assert 0\ndef test_b(): pass\n"})
        run = made.trun("-n", workers)
        assert run.code == 0, run.said
        assert "1 passed" in run.said and "has a loop of its own (pytest_runtestloop)" in run.said


@pytest.mark.parametrize("act", ["pytest.exit('enough')", "raise KeyboardInterrupt"])
def test_a_call_that_had_passed_counts_though_its_teardown_ends_the_session(suite, act):
    text = f"""
        import pytest
        @pytest.fixture
        def ends():
            yield
            {act}
        def test_first(): pass
        def test_ends(ends): pass
        def test_never(): pass
    """
    made = suite({"test_one.py": text})
    run = made.trun("-n", "0")
    assert run.code == 2, run.said
    assert "2 passed" in run.said, run.said


@pytest.mark.parametrize("args", [(), ("-s",), ("--lane", "standard"), ("--setup-show",)])
def test_without_workers_conftests_are_imported_once(suite, args):
    """What they make must not be there yet, their lock is theirs, and their atexit handlers run once."""
    conftest = """
        import atexit, fcntl, os, socket
        os.mkdir("made")
        LOCK = open("lock", "w")
        fcntl.flock(LOCK, fcntl.LOCK_EX | fcntl.LOCK_NB)
        LISTENER = socket.create_server(("127.0.0.1", 0))
        PID = os.getpid()
        atexit.register(lambda: open("ended", "a").write("once "))
    """
    test = """
        import conftest, os, socket
        def test_port_is_free_again():
            port = conftest.LISTENER.getsockname()[1]
            conftest.LISTENER.close()
            socket.create_server(("127.0.0.1", port)).close()
        def test_process():
            assert os.getpid() == conftest.PID
    """
    made = suite({"conftest.py": conftest, "test_a.py": test})
    run = made.trun("-n", "0", *args)
    assert run.code == 0, run.said
    assert (made.root / "ended").read_text() == "once "


def test_without_workers_a_crash_leaves_the_rest_to_another_process(suite):
    conftest = "import os, socket\nLISTENER = socket.create_server(('127.0.0.1', 0))\nPID = os.getpid()\n"
    test = "import conftest, os\ndef test_a(): pass\ndef test_b(): os.abort()\ndef test_c(): assert os.getpid() == conftest.PID\n"
    run = suite({"conftest.py": conftest, "test_a.py": test}).trun("-n", "0")
    assert run.code == 1, run.said
    assert run.verdicts() == {
        "test_a.py::test_a": ["passed"],
        "test_a.py::test_b": ["crashed"],
        "test_a.py::test_c": ["passed"],
    }


INHERITING = """
    import os, uuid
    os.environ.setdefault("RUN_ID", uuid.uuid4().hex)
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.mkdir("shared")
        os.environ["SHARED"] = os.path.abspath("shared")
    {hook}
"""


@pytest.mark.parametrize("hook", ["", "def pytest_sessionfinish(session): pass"])
def test_what_imports_set_in_the_environment_workers_inherit(suite, hook):
    """As from xdist's controller, which imports once. With the hook there is a plugin host."""
    test = "import os\ndef test(): open(os.path.join(os.environ['SHARED'], os.environ['RUN_ID']), 'a').write('x')\n"
    made = suite({"conftest.py": INHERITING.format(hook=hook), **dict.fromkeys(FILES, test)})
    run = made.trun("-v", "-n", "2")
    assert run.code == 0, run.said
    assert "start: fresh" in start_of(run)
    assert [path.read_text() for path in (made.root / "shared").iterdir()] == ["x" * len(FILES)]


def test_a_variable_of_the_slot_is_of_each_worker_whatever_imports_make_of_it(suite):
    """What they set by such a variable is not handed on: the first who imports has none."""
    conftest = "import os\nos.environ.setdefault('DB_NAME', 'db_' + os.environ.get('TRUN_SLOT', 'none'))\n"
    test = "import os\ndef test(): assert os.environ['DB_NAME'] == 'db_' + os.environ['TRUN_SLOT']\n"
    run = suite({"conftest.py": conftest, **dict.fromkeys(FILES, test)}).trun("-n", "2")
    assert run.code == 0, run.said


def test_without_workers_what_plugins_have_opened_is_closed_when_they_close_it(suite):
    plugin = "import socket\nLISTENER = socket.create_server(('127.0.0.1', 0))\nENDS = socket.socketpair()\n"
    test = """
        import plug, socket
        def test_closed():
            port = plug.LISTENER.getsockname()[1]
            plug.LISTENER.close()
            assert socket.socket().connect_ex(("127.0.0.1", port)) != 0
        def test_end_of_file():
            plug.ENDS[0].close()
            plug.ENDS[1].settimeout(5)
            assert plug.ENDS[1].recv(1) == b""
    """
    made = suite({"plug.py": plugin, "test_a.py": test})
    for how in ("auto", "fork"):
        run = made.trun("-n", "0", "-p", "plug", "--start", how, env={"PYTHONPATH": str(made.root)})
        assert run.code == 0, run.said


def test_without_workers_imports_that_copy_the_environment_have_what_a_worker_has(suite):
    files = {
        "trun.toml": '[env]\nTEST_DB = "db_{slot}"\n',
        "conftest.py": "import os\nENV = dict(os.environ)\n",
        "test_a.py": "import conftest\ndef test(): assert conftest.ENV['TEST_DB'] == 'db_0'\n",
    }
    run = suite(files).trun("-n", "0")
    assert run.code == 0, run.said
