"""The hooks of xdist's controller: the plugin host tells them what xdist tells them, of crashes and reruns too."""

import json
import re

import pytest

RECORDER = """
    import json, os

    class Recorder:
        def __init__(self, config):
            self.config = config

        def say(self, *what):
            if not hasattr(self.config, "workerinput"):
                with open("told.jsonl", "a") as file:
                    file.write(json.dumps(what, default=repr, sort_keys=True) + "\\n")

        def pytest_sessionstart(self):
            option = self.config.option
            self.say("sessionstart", option.dist, option.numprocesses, option.tx)

        def pytest_xdist_setupnodes(self, specs):
            self.say("setupnodes", [str(spec) for spec in specs], [spec.id for spec in specs])

        def pytest_xdist_newgateway(self, gateway):
            self.say("newgateway", gateway.id)

        def pytest_configure_node(self, node):
            self.say("configure_node", repr(node), sorted(node.workerinput))

        def pytest_testnodeready(self, node):
            self.say("testnodeready", repr(node), sorted(node.workerinfo), node.workerinfo["id"])

        def pytest_xdist_node_collection_finished(self, node, ids):
            self.say("collection_finished", repr(node), sorted(ids))

        def pytest_collectreport(self, report):
            if not hasattr(self.config, "workerinput"):
                self.say("collectreport", report.nodeid, report.outcome, str(report.longrepr))

        def pytest_runtest_logstart(self, nodeid, location):
            self.say("logstart", nodeid, location)

        def pytest_runtest_logfinish(self, nodeid, location):
            self.say("logfinish", nodeid, location)

        def pytest_runtest_logreport(self, report):
            if hasattr(self.config, "workerinput"):
                return
            hidden = ("duration", "start", "stop", "testrun_uid", "worker_id", "node", "item_index", "longrepr")
            shown = {name: value for name, value in vars(report).items() if name not in hidden}
            has = sorted(set(vars(report)) & set(hidden))
            self.say("logreport", report.nodeid, shown, has, str(report.longrepr), type(report.longrepr).__name__)

        def pytest_warning_recorded(self, warning_message, when, nodeid, location):
            self.say("warning", repr(warning_message.message), str(warning_message.category), when, nodeid, location)

        def pytest_handlecrashitem(self, crashitem, report, sched):
            self.say("handlecrashitem", crashitem, report.outcome, report.when)

        def pytest_testnodedown(self, node, error):
            self.say("testnodedown", str(error), sorted(getattr(node, "workeroutput", {})))

        def pytest_terminal_summary(self, terminalreporter, exitstatus):
            counts = {name: len(reports) for name, reports in terminalreporter.stats.items() if name not in ("", "warnings")}
            self.say("terminal_summary", int(exitstatus), counts)

        def pytest_sessionfinish(self, session, exitstatus):
            self.say("sessionfinish", int(exitstatus), session.testscollected)

        def pytest_unconfigure(self):
            self.say("unconfigure")

    def pytest_configure(config):
        config.pluginmanager.register(Recorder(config))
"""
ALL_KINDS = """
    import warnings

    import pytest

    @pytest.fixture
    def bad():
        raise ValueError("no")

    @pytest.fixture
    def bad_at_the_end():
        yield
        raise ValueError("too late")

    class TestGroup:
        def test_passes(self): print("said")

    @pytest.mark.parametrize("n", range(2))
    def test_parameters(n): pass

    def test_fails(): assert 1 == 2

    @pytest.mark.skip(reason="not today")
    def test_skips(): pass

    @pytest.mark.xfail
    def test_xfails(): assert 0

    def test_property(request): request.node.user_properties.append(("k", 1))

    def test_warns(): warnings.warn("careful")

    def test_errors(bad): pass

    def test_errors_at_the_end(bad_at_the_end): pass
"""


def told(made):
    """What the recorder was told, less which worker it was; the order of tests is the workers'."""
    lines = (made.root / "told.jsonl").read_text().splitlines()
    (made.root / "told.jsonl").unlink()
    return [json.loads(re.sub(r"(WorkerController|worker) '?gw\d+'?", r"\1", line)) for line in lines]


@pytest.mark.parametrize("args", [(), ("--lane=standard",), ("--collect=each",), ("--collect=once",)])
def test_a_recorder_is_told_what_xdists_controller_tells_it(suite, args):
    other = "def test_one(): pass\ndef test_two(): pass\n"
    made = suite({"conftest.py": RECORDER, "test_a.py": ALL_KINDS, "test_b.py": other})
    assert made.pytest("-n2").code == 1
    expected = told(made)
    run = made.trun("-n2", *args)
    assert run.code == 1, run.said
    found = told(made)
    assert sorted(map(json.dumps, found)) == sorted(map(json.dumps, expected))
    # Of one test all comes in xdist's order, and so does what surrounds the tests.
    for of in ("test_a.py::test_fails", "test_a.py::test_warns", "test_a.py::test_errors_at_the_end"):
        assert [entry[0] for entry in found if of in entry] == [entry[0] for entry in expected if of in entry]
    around = ("logstart", "logreport", "logfinish", "warning", "testnodeready", "collection_finished", "testnodedown")
    assert [e[0] for e in found if e[0] not in around] == [e[0] for e in expected if e[0] not in around]


def of_dead(entries):
    """What is told of a test in which a worker died, but for the phases before."""
    entries = [entry for entry in entries if "test_dies" in json.dumps(entry) and entry[0] != "collection_finished"]
    return [entry for entry in entries if '"when": "setup"' not in json.dumps(entry)]


@pytest.mark.parametrize("args", [(), ("--collect=once",)])
def test_a_crash_is_told_as_xdist_tells_it(suite, args):
    tests = "import os\ndef test_before(): pass\ndef test_dies(): os._exit(3)\ndef test_after(): pass\n"
    made = suite({"conftest.py": RECORDER, "test_a.py": tests, "test_b.py": "def test(): pass"})
    made.pytest("-n2")
    expected = told(made)
    run = made.trun("-n2", *args)
    assert run.code == 1, run.said
    assert of_dead(told(made)) == of_dead(expected)


def test_a_crash_that_somebody_looks_after_is_run_once_more(suite):
    conftest = """
        def pytest_handlecrashitem(crashitem, report, sched):
            sched.mark_test_pending(crashitem)
            report.outcome = "rerun"

        def pytest_report_teststatus(report):
            if report.outcome == "rerun":
                return "rerun", "R", "RERUN"
    """
    tests = """
        import os, pathlib

        def test_dies_once():
            if not pathlib.Path("died").exists():
                pathlib.Path("died").touch()
                os._exit(1)

        def test_other(): pass
    """
    made = suite({"conftest.py": conftest, "test_a.py": tests, "test_b.py": "def test(): pass"})
    run = made.trun("-n2")
    assert run.code == 0, run.said
    assert "3 passed, 1 rerun" in run.out


RERUN_TWICE = """
    attempts = []

    def pytest_handlecrashitem(crashitem, report, sched):
        attempts.append(crashitem)
        if attempts.count(crashitem) <= 2:
            sched.mark_test_pending(crashitem)
            report.outcome = "rerun"

    def pytest_report_teststatus(report):
        if report.outcome == "rerun":
            return "rerun", "R", "RERUN"
"""


@pytest.mark.parametrize("death", ["os._exit(1)", "os.kill(os.getpid(), 9)"])
def test_crashes_before_the_last_count_as_reruns_where_that_is_a_crash_too(suite, death):
    tests = f"""
        import os

        def test_dies():
            with open("ran", "a") as file:
                file.write("x")
            {death}

        def test_other(): pass
    """
    made = suite({"conftest.py": RERUN_TWICE, "test_a.py": tests, "test_b.py": "def test(): pass"})
    run = made.trun("-n2", "-v")
    assert run.code == 1, run.said
    assert (made.root / "ran").read_text() == "xxx"
    assert len(re.findall(r"RERUN.* test_a.py::test_dies", run.out)) == 2, run.out
    assert "1 failed, 2 passed, 2 rerun" in run.out
    under_xdist = made.pytest("-n2")
    assert under_xdist.code == 1
    assert "1 failed, 2 passed, 2 rerun" in under_xdist.out
