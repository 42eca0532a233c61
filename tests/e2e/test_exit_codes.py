"""Exit codes are pytest's for the same arguments, whatever the number of workers."""

import pytest

PASSING = {
    "test_a.py": "def test_one():\n    pass\n\ndef test_two():\n    pass\n",
    "test_b.py": "def test_three():\n    pass\n",
}
FAILING = {**PASSING, "test_c.py": "def test_bad():\n    assert 1 == 2\n"}
BROKEN = {**PASSING, "test_c.py": "import no_such_module\n"}
BROKEN_FIRST = {**PASSING, "test_0.py": "import no_such_module\n"}
WARNING = {"test_w.py": "import warnings\n\ndef test_warns():\n    warnings.warn('look')\n"}
BAD_CONFTEST = {**PASSING, "conftest.py": "raise RuntimeError('conftest is bad')\n"}
BAD_HOOK = {**PASSING, "conftest.py": "def pytest_collection_modifyitems():\n    raise RuntimeError('hook is bad')\n"}

CASES = [
    ("all pass", PASSING, [], 0),
    ("a file", PASSING, ["test_a.py"], 0),
    ("a node id", PASSING, ["test_a.py::test_two"], 0),
    ("some deselected", PASSING, ["-k", "two"], 0),
    ("one fails", FAILING, [], 1),
    ("one fails, -x", FAILING, ["-x"], 1),
    (
        "setup error",
        {"test_s.py": "import pytest\n\n@pytest.fixture\ndef f():\n    1 / 0\n\ndef test_s(f):\n    pass\n"},
        [],
        1,
    ),
    ("xfail is no failure", {"test_x.py": "import pytest\n\n@pytest.mark.xfail\ndef test_x():\n    assert 0\n"}, [], 0),
    ("collection error", BROKEN, [], 2),
    ("broken file last, -x", BROKEN, ["-x"], 2),
    ("broken file first, -x", BROKEN_FIRST, ["-x"], 1),
    ("collection error, go on", BROKEN, ["--continue-on-collection-errors"], 1),
    ("pytest.exit", {"test_e.py": "import pytest\n\ndef test_e():\n    pytest.exit('enough')\n"}, [], 2),
    ("pytest.exit with a code", {"test_e.py": "import pytest\n\ndef test_e():\n    pytest.exit('no', 7)\n"}, [], 7),
    ("a hook raises", BAD_HOOK, [], 3),
    ("bad option", PASSING, ["--no-such-option"], 4),
    ("missing path", PASSING, ["test_missing.py"], 4),
    ("unknown node id", PASSING, ["test_a.py::test_missing"], 4),
    ("bad -k", PASSING, ["-k", "a and"], 4),
    ("bad -m", PASSING, ["-m", "or or"], 4),
    ("conftest raises", BAD_CONFTEST, [], 4),
    ("nothing there", {"readme.txt": ""}, [], 5),
    ("all deselected", PASSING, ["-k", "nowhere"], 5),
    ("too many warnings", WARNING, ["--max-warnings=0"], 6),
]


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(("files", "args", "code"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_exit_code_is_pytests(suite, files, args, code, workers):
    ours = suite(files)
    expected = ours.pytest(*args)
    assert expected.code == code, expected.said
    run = ours.trun("-n", workers, *args)
    assert run.code == code, run.said


@pytest.mark.parametrize("args", [["--no-such-option"], ["test_missing.py"], ["-k", "a and"]], ids=" ".join)
def test_the_message_is_pytests(suite, args):
    ours = suite(PASSING)
    expected = [line for line in ours.pytest(*args).said.splitlines() if line.startswith("ERROR: ")]
    run = ours.trun(*args)
    for line in expected:
        # pytest names its own command ("python -m pytest") in the usage line; what is wrong it says in the lines below.
        assert line.startswith("ERROR: usage: ") or line.removeprefix("ERROR: ") in run.said


def test_an_option_of_truns_with_a_bad_value_names_it_and_the_choices(suite):
    run = suite(PASSING).trun("--collect", "shared")
    assert run.code == 4
    assert "--collect" in run.err
    assert "sharded" in run.err


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    ("files", "args", "words"),
    [
        ({"readme.txt": ""}, [], ["no test file under", "test_*.py"]),
        ({"sub/readme.txt": ""}, ["sub"], ["no test file under sub;"]),
        ({"checks.py": "def test_a(): pass\n"}, ["-o", "python_files=check_*.py"], ["check_*.py"]),
        ({"test_a.py": "def check(): pass\n"}, ["-q"], ["1 test file", "functions test", "classes Test"]),
        (PASSING, ["-k", "nowhere"], ["of 3 tests", "deselected", "-k 'nowhere'"]),
        (PASSING, ["--deselect", "test_a.py", "--deselect", "test_b.py"], ["of 3 tests", "--deselect"]),
        ({"test_s.py": "import pytest\npytest.skip('no', allow_module_level=True)\n"}, [], ["1 file", "-rs"]),
    ],
)
def test_nothing_to_run_says_what_was_looked_for(suite, files, args, words, workers):
    run = suite(files).trun("-n", workers, *args)
    assert run.code == 5
    (line,) = [line for line in run.out.splitlines() if line.startswith("trun: nothing to run: ")]
    for word in words:
        assert word in line


@pytest.mark.parametrize("hook", ["pytest_collection_modifyitems", "pytest_collect_file"])
def test_forced_sharding_is_refused_by_the_name_of_the_hook(suite, hook):
    ours = suite({**PASSING, "conftest.py": f"def {hook}():\n    pass\n"})
    run = ours.trun("--collect", "sharded", "-n", "2")
    assert run.code == 4
    assert hook in run.said
    assert ours.trun("-n", "2").code == 0


THREE = "import time\n" + "".join(f"\ndef test_{n}():\n    time.sleep(0.02)\n" for n in (1, 2, 3))


@pytest.mark.parametrize("number", ["0", "2"])
@pytest.mark.parametrize(
    "conftest",
    [
        "def pytest_runtest_makereport(item, call):\n    if item.name == 'test_2':\n        item.session.shouldfail = 'enough'\n",
        "def pytest_collection_finish(session):\n    session.shouldfail = 'nothing today'\n",
    ],
    ids=["in the middle", "at the beginning"],
)
def test_a_session_that_is_to_fail_fails(suite, conftest, number):
    """Else it would be green with tests that never ran."""
    made = suite({"conftest.py": conftest, **{f"test_{n}.py": THREE for n in "abcd"}})
    assert made.pytest().code == made.trun("-n", number).code == 1


@pytest.mark.parametrize("number", ["0", "2"])
@pytest.mark.parametrize(
    ("conftest", "code", "said"),
    [
        ("import sys\nsys.exit('cannot run here')\n", 1, "cannot run here"),
        ("import sys\nprint('nothing for this platform')\nsys.exit(0)\n", 0, "nothing for this platform"),
        ("import sys\nsys.exit(7)\n", 7, ""),
        ("import pytest\npytest.skip('no conftest', allow_module_level=True)\n", 1, "Skipped: no conftest"),
    ],
    ids=["message", "zero", "number", "skip"],
)
def test_a_conftest_that_ends_the_process_decides_how(suite, conftest, code, said, number):
    made = suite({"conftest.py": conftest, "test_a.py": THREE})
    run = made.trun("-n", number)
    assert made.pytest().code == run.code == code
    assert said in run.said and "did not get as far" not in run.said


@pytest.mark.parametrize("number", ["0", "2"])
def test_a_conftest_that_interrupts_the_command_is_told_of_once(suite, number):
    """The server was started three times, and the code was that of an internal error."""
    run = suite({"conftest.py": "raise KeyboardInterrupt\n", "test_a.py": THREE}).trun("-n", number)
    assert run.code == 130
    assert run.said.count('conftest.py", line 1') == 1 and "did not get as far" not in run.said, run.said


@pytest.mark.parametrize("number", ["0", "2"])
def test_a_plugin_that_fails_before_there_are_conftests_fails_the_command(suite, number):
    text = "def pytest_load_initial_conftests():\n    raise RuntimeError('not here')\n"
    made = suite({"early.py": text, "pytest.ini": "[pytest]\npythonpath = .\n", "test_a.py": THREE})
    run = made.trun("-n", number, "-p", "early", env={"PYTHONPATH": str(made.root)})
    assert made.pytest("-p", "early", env={"PYTHONPATH": str(made.root)}).code == run.code == 1
    assert "RuntimeError: not here" in run.said and "did not get as far" not in run.said, run.said


@pytest.mark.parametrize("where", ["command line", "addopts"])
def test_without_xdist_tests_run_all_the_same(suite, where):
    made = suite(
        {"test_a.py": THREE, **({"pytest.ini": "[pytest]\naddopts = -p no:xdist\n"} if where == "addopts" else {})}
    )
    run = made.trun("-n", "2", *(["-p", "no:xdist"] if where == "command line" else []))
    assert run.code == 0 and "3 passed" in run.out, run.said


def test_a_failed_session_cuts_no_test_of_another_worker_short(suite):
    files = {
        "test_a.py": "import time\n\ndef test_fails():\n    time.sleep(0.5)\n    assert 0\n",
        "test_b.py": "import time\n\ndef test_takes_its_time():\n    time.sleep(4.5)\n",
    }
    run = suite(files).trun("-n", "2", "-x", "--collect", "each", "--shutdown-timeout", "0.5")
    assert run.code == 1
    assert run.verdicts() == {"test_a.py::test_fails": ["failed"], "test_b.py::test_takes_its_time": ["passed"]}, (
        run.said
    )


# -- files that end the process while they are imported

WAYS = [("0", "each"), ("1", "each"), ("2", "each"), ("2", "once"), ("2", "sharded")]
WAYS_TO_END = {
    "sys.exit": ("import sys\nsys.exit(7)\n", "SystemExit: 7", 3, 3),
    "quit": ("raise SystemExit('enough')\n", "SystemExit: enough", 3, 3),
    "a helper": ("import helper\n", "SystemExit: 9", 3, 3),
    "a BaseException": ("class Odd(BaseException):\n    pass\nraise Odd('very')\n", "test_a.Odd: very", 2, 1),
    "GeneratorExit": ("raise GeneratorExit('early')\n", "GeneratorExit: early", 2, 1),
    "pytest.exit": ("import pytest\npytest.exit('no', 9)\n", "Exit: no", 2, 1),
}


@pytest.mark.parametrize("number, collect", WAYS)
@pytest.mark.parametrize("how", WAYS_TO_END)
def test_a_file_that_ends_the_process_at_import_is_a_collection_error(suite, how, number, collect):
    text, words, stopped, went_on = WAYS_TO_END[how]
    files = {"helper.py": "import sys\nsys.exit(9)\n", "test_a.py": text}
    made = suite({**files, "test_b.py": "def test_b():\n    pass\n", "test_c.py": "def test_c():\n    pass\n"})
    assert made.pytest().code == stopped
    assert made.pytest("--continue-on-collection-errors").code == went_on
    run = made.trun("-n", number, "--collect", collect)
    assert run.code == stopped, run.said
    assert f"ERROR test_a.py - {words}" in run.out or f"ERROR test_a.py - _pytest.outcomes.{words}" in run.out, run.said
    assert "Interrupted: 1 error during collection" in run.out
    assert run.verdicts() == {}
    run = made.trun("-n", number, "--collect", collect, "--continue-on-collection-errors")
    assert run.code == went_on, run.said
    assert run.verdicts() == {"test_b.py::test_b": ["passed"], "test_c.py::test_c": ["passed"]}
    cases = {name: found for name, found in run.junit().items() if name != "trun::internal"}
    assert [name for name, found in cases.items() if found == ["error"]] == ["test_a::test_a"] and len(cases) == 3
    assert words in run.junit_text()


# -- what hooks make of the exit status

PASSES = "def test_a():\n    pass\n\ndef test_b():\n    pass\n"
FAILS = "def test_a():\n    assert 0\n\ndef test_b():\n    pass\n"
ENDINGS = {
    "sessionfinish sets it": ("def pytest_sessionfinish(session):\n    session.exitstatus = 42\n", PASSES, 42),
    "sessionfinish calls failures a success": (
        "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n",
        FAILS,
        0,
    ),
    "it depends on what it was": (
        "def pytest_sessionfinish(session, exitstatus):\n    session.exitstatus = {0: 40, 1: 41}[exitstatus]\n",
        FAILS,
        41,
    ),
    "pytest.exit in sessionfinish": (
        "import pytest\ndef pytest_sessionfinish():\n    pytest.exit('bye', 9)\n",
        PASSES,
        9,
    ),
    "pytest.exit in the summary": (
        "import pytest\ndef pytest_terminal_summary():\n    pytest.exit('bye', 9)\n",
        PASSES,
        9,
    ),
    "pytest.exit in a hook": (
        "import pytest\ndef pytest_sessionstart():\n    pytest.exit('bye', 9)\n",
        PASSES,
        9,
    ),
    "pytest.exit in a fixture": (
        "import pytest\n@pytest.fixture(autouse=True)\ndef leaves():\n    pytest.exit('bye', 9)\n",
        PASSES,
        9,
    ),
    "sessionfinish raises": ("def pytest_sessionfinish():\n    raise RuntimeError('odd end')\n", PASSES, 1),
    "unconfigure raises": ("def pytest_unconfigure():\n    raise RuntimeError('odd end')\n", PASSES, 1),
    "the summary raises": ("def pytest_terminal_summary():\n    raise RuntimeError('odd end')\n", PASSES, 1),
    "sessionfinish raises after failures": (
        "def pytest_sessionfinish():\n    raise RuntimeError('odd end')\n",
        FAILS,
        1,
    ),
    "sys.exit in sessionfinish": ("import sys\ndef pytest_sessionfinish():\n    sys.exit(5)\n", PASSES, 5),
    "sys.exit in unconfigure": ("import sys\ndef pytest_unconfigure():\n    sys.exit(5)\n", FAILS, 5),
}


@pytest.mark.parametrize("number, collect", WAYS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_the_exit_status_that_hooks_leave_is_the_runs(suite, ending, number, collect):
    conftest, text, code = ENDINGS[ending]
    made = suite({"conftest.py": conftest, "test_a.py": text, "test_c.py": text})
    assert made.pytest().code == code
    run = made.trun("-n", number, "--collect", collect)
    assert run.code == code, run.said
    if "odd end" in conftest:
        assert "RuntimeError: odd end" in run.said
    if ending.startswith("pytest.exit in a"):
        return
    assert len(run.verdicts()) == 4


LEAVES = {
    "sessionfinish": ("pytest_sessionfinish(session)", "True"),
    "sessionfinish of the controller": ("pytest_sessionfinish(session)", "not hasattr(session.config, 'workerinput')"),
    "unconfigure": ("pytest_unconfigure(config)", "True"),
}


@pytest.mark.parametrize("number, collect", WAYS)
@pytest.mark.parametrize("where", LEAVES)
def test_a_process_that_a_hook_ends_after_its_tests_decides_by_its_exit_code(suite, where, number, collect):
    """As os._exit(session.exitstatus) in conftests whose libraries hang at the end."""
    hook, condition = LEAVES[where]
    made = suite(
        {
            "conftest.py": f"import os\ndef {hook}:\n    if {condition}: os._exit(9)\n",
            "test_a.py": PASSES,
            "test_c.py": FAILS,
        }
    )
    assert made.pytest().code == 9
    run = made.trun("-n", number, "--collect", collect)
    assert run.code == 9, run.said
    assert len(run.verdicts()) == 4
    assert len(run.junit()) == 4


@pytest.mark.parametrize("number", ["0", "1", "2"])
@pytest.mark.parametrize(
    "args, code", [(["--collect-only"], 0), (["-x"], 1), (["--maxfail=1"], 1), (["-k", "passes"], 5)]
)
def test_whatever_its_session_was_such_a_process_has_the_status_that_it_left(suite, args, code, number):
    conftest = "import os\ndef pytest_sessionfinish(session, exitstatus):\n    os._exit(int(exitstatus))\n"
    made = suite({"conftest.py": conftest, "test_a.py": FAILS, "test_c.py": PASSES})
    assert made.pytest(*args).code == code
    run = made.trun("-n", number, *args)
    assert run.code == code, run.said


@pytest.mark.parametrize("number", ["0", "1", "2"])
def test_an_atexit_handler_that_ends_the_process_decides_too(suite, number):
    conftest = "import atexit, os\natexit.register(os._exit, 9)\n"
    made = suite({"conftest.py": conftest, "test_a.py": PASSES})
    assert made.pytest().code == 9
    run = made.trun("-n", number)
    assert run.code == 9, run.said
    assert len(run.verdicts()) == 2


def test_what_a_hook_raises_in_workers_alone_is_the_runs_as_well(suite):
    """xdist's controller calls such a run a success, and shows nothing: nobody can rely on that."""
    conftest = """
        def pytest_sessionfinish(session):
            if hasattr(session.config, "workerinput"):
                raise RuntimeError("odd end")
    """
    run = suite({"conftest.py": conftest, "test_a.py": PASSES, "test_b.py": PASSES}).trun("-n", "2")
    assert run.code == 1, run.said
    assert "RuntimeError: odd end" in run.said


EXITS = {
    "logreport": "def pytest_runtest_logreport(report):\n    if report.failed: pytest.exit('enough', returncode=7)\n",
    "logfinish": "def pytest_runtest_logfinish(nodeid):\n    if 'fails' in nodeid: pytest.exit('enough', returncode=7)\n",
    "teardown": "def pytest_runtest_teardown(item):\n    if 'fails' in item.name: pytest.exit('enough', returncode=7)\n",
    "a fixture": "@pytest.fixture(autouse=True)\ndef f(request):\n    yield\n"
    "    if 'fails' in request.node.name: pytest.exit('enough', returncode=7)\n",
}


@pytest.mark.parametrize("lane", ["auto", "standard"])
@pytest.mark.parametrize("number", ["0", "1", "2"])
@pytest.mark.parametrize("where", EXITS)
def test_a_verdict_counts_though_the_session_ends_before_the_test_does(suite, where, number, lane):
    text = "def test_passes(): pass\ndef test_fails(): assert 0\n"
    run = suite({"conftest.py": "import pytest\n" + EXITS[where], "test_a.py": text}).trun("-n", number, "--lane", lane)
    assert run.code == 7, run.said
    assert run.junit() == {"test_a::test_passes": ["passed"], "test_a::test_fails": ["failure"]}


@pytest.mark.parametrize("hook", ["pytest_runtest_logreport(report)", "pytest_exception_interact(report)"])
@pytest.mark.parametrize("number", ["1", "2"])
def test_what_a_hook_makes_of_a_report_that_was_logged_changes_no_verdict(suite, hook, number):
    conftest = f"def {hook}:\n    report.outcome, report.longrepr = 'passed', None\n"
    made = suite({"conftest.py": conftest, "test_a.py": "def test_fails(): assert 0\n"})
    run = made.trun("-n", number)
    assert run.code == 1, run.said
    assert run.junit() == {"test_a::test_fails": ["failure"]}


@pytest.mark.parametrize("code", [6, 7])
def test_the_code_of_an_exit_in_the_host_is_the_runs(suite, code):
    conftest = "import pytest\ndef pytest_runtest_logreport(report):\n"
    conftest += f"    if report.failed: pytest.exit('x', returncode={code})\n"
    assert suite({"conftest.py": conftest, "test_a.py": "def test_fails(): assert 0\n"}).trun("-n", "2").code == code
