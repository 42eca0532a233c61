"""The plugin host: what plugins and conftests do only in xdist's controller, in parallel runs."""

import re
import textwrap

import pytest

TESTS = """
    import os, pathlib

    import pytest

    @pytest.mark.parametrize("n", range(4))
    def test_built(n):
        assert pathlib.Path("built.txt").read_text() == "assets"
"""
CONTROLLER = """
    import os, pathlib

    def pytest_configure(config):
        if not hasattr(config, "workerinput"):
            assert "PYTEST_XDIST_WORKER" not in os.environ
            with open("configured", "a") as file:
                file.write("x")
            pathlib.Path("built.txt").write_text("assets")

    def pytest_unconfigure(config):
        if not hasattr(config, "workerinput"):
            pathlib.Path("built.txt").unlink()
"""
WAYS = [("-n1",), ("-n2",), ("-n4",), ("-n2", "--collect=each"), ("-n2", "--collect=once"), ("-n2", "--lane=standard")]


def files(conftest, tests=TESTS):
    return {"conftest.py": conftest, "test_a.py": tests, "test_b.py": tests, "test_c.py": tests}


@pytest.mark.parametrize("args", WAYS)
def test_what_is_done_without_workerinput_is_done_once_before_and_after_the_workers(suite, args):
    made = suite(files(CONTROLLER))
    run = made.trun(*args)
    assert run.code == 0, run.said
    assert (made.root / "configured").read_text() == "x"
    assert not (made.root / "built.txt").exists()


def test_nobody_who_needs_it_no_host(suite):
    made = suite({"test_a.py": "def test(): pass", "test_b.py": "def test(): pass"})
    run = made.trun("-n2", "-v")
    assert run.code == 0
    assert "plugin host" not in run.said


def test_the_controller_is_there_behind_what_others_configure(suite):
    conftest = """
        import pytest

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                assert not config.pluginmanager.hasplugin("dsession")

        def pytest_sessionstart(session):
            if not hasattr(session.config, "workerinput"):
                assert session.config.pluginmanager.hasplugin("dsession")
    """
    run = suite({"conftest.py": conftest, "test_a.py": "def test(): pass"}).trun("-n2", "-v")
    assert run.code == 0, run.said
    assert "plugin host" in run.said


def test_workers_have_what_configure_node_told_them_and_what_they_say_comes_back(suite):
    conftest = """
        import json

        class Nodes:
            def pytest_configure_node(self, node):
                node.workerinput["told"] = {"name": node.gateway.id, "pair": (1, b"two"), "set": {3}}
                assert node.workerinput["workercount"] == 2

            def pytest_testnodedown(self, node, error):
                assert error is None, error
                with open("outputs", "a") as file:
                    file.write(repr((node.gateway.id, node.workeroutput["mine"], node.workeroutput["exitstatus"])) + "\\n")

        def pytest_configure(config):
            if config.pluginmanager.hasplugin("dsession") or not hasattr(config, "workerinput"):
                config.pluginmanager.register(Nodes())

        def pytest_sessionfinish(session):
            if hasattr(session.config, "workeroutput"):
                session.config.workeroutput["mine"] = ("of", session.config.workerinput["workerid"])
    """
    tests = """
        import pytest

        @pytest.mark.parametrize("n", range(3))
        def test_told(n, request):
            given = request.config.workerinput
            assert given["told"] == {"name": given["workerid"], "pair": (1, b"two"), "set": {3}}
    """
    made = suite(files(conftest, tests))
    run = made.trun("-n2")
    assert run.code == 0, run.said
    outputs = sorted((made.root / "outputs").read_text().splitlines())
    assert outputs == ["('gw0', ('of', 'gw0'), 0)", "('gw1', ('of', 'gw1'), 0)"]


@pytest.mark.parametrize("start", ["fork", "fresh"])
def test_workers_inherit_what_configuring_changes_in_the_environment(suite, start):
    conftest = """
        import os

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                os.environ["DATABASE"] = "made once"
                del os.environ["NOT_WANTED"]
    """
    tests = """
        import os

        def test_inherited():
            assert os.environ["DATABASE"] == "made once"
            assert "NOT_WANTED" not in os.environ
    """
    made = suite(files(conftest, tests))
    run = made.trun("-n2", f"--start={start}", env=made.environment({"NOT_WANTED": "x"}))
    assert run.code == 0, run.said


@pytest.mark.parametrize(("set_to", "code"), [("0", 0), ("7", 7)])
def test_the_exit_status_that_hooks_set_is_the_runs(suite, set_to, code):
    conftest = f"""
        def pytest_sessionfinish(session, exitstatus):
            if exitstatus == 5:
                session.exitstatus = {set_to}
    """
    made = suite(files(conftest, "def test(): pass"))
    assert made.trun("-n2", "-k", "nothing_like_it").code == code
    assert made.trun("-n2").code == 0


def test_what_plugins_write_into_the_summary_stands_before_the_short_one(suite):
    conftest = """
        def pytest_terminal_summary(terminalreporter, exitstatus):
            failed = [report.nodeid for report in terminalreporter.stats["failed"]]
            passed = len(terminalreporter.stats["passed"])
            terminalreporter.write_sep("=", "of mine")
            print(f"{exitstatus:d}: {failed} failed, {passed} passed")
    """
    tests = """
        def test_passes(): pass
        def test_fails(): assert 0
    """
    made = suite({"conftest.py": conftest, "test_a.py": tests, "test_b.py": tests})
    run = made.trun("-n2", "-p", "no:cacheprovider")
    assert run.code == 1
    lines = [line.strip("= ") for line in run.out.splitlines()]
    place = lines.index("of mine")
    assert lines.index("FAILURES") < place < lines.index("short test summary info")
    said = lines[place + 1]
    assert said.startswith("1: [")
    assert sorted(re.findall(r"test_\w\.py::test_fails", said)) == ["test_a.py::test_fails", "test_b.py::test_fails"]
    assert said.endswith("2 passed")


OVERRIDES = """
    def summary_failures(self):
        self.line("failed: " + ",".join(sorted(report.nodeid for report in self.getreports("failed"))))

    def short_test_summary(self):
        self.section("mine", sep="+")
        print("printed")

    def summary_stats(self):
        original = standard.summary_stats
        self.line(f"passed: {len(self.stats['passed'])}")
        original(self)
"""
DERIVED = """
    import types
    import pytest
    from _pytest.terminal import TerminalReporter

    standard = types.SimpleNamespace(**vars(TerminalReporter))

    class Reporter(TerminalReporter):
{overrides}

    @pytest.hookimpl(trylast=True)
    def pytest_configure(config):
        if not hasattr(config, "workerinput"):
            config.pluginmanager.unregister(config.pluginmanager.getplugin("terminalreporter"))
            config.pluginmanager.register(Reporter(config), "terminalreporter")
"""
PATCHED = """
    import types
    import _pytest.terminal

    standard = types.SimpleNamespace(**vars(_pytest.terminal.TerminalReporter))
{overrides}
    _pytest.terminal.TerminalReporter.summary_failures = summary_failures
    _pytest.terminal.TerminalReporter.short_test_summary = short_test_summary
    _pytest.terminal.TerminalReporter.summary_stats = summary_stats
"""


@pytest.mark.parametrize("workers", ["-n2", "-n0"])
@pytest.mark.parametrize(("conftest", "indent"), [(DERIVED, 4), (PATCHED, 0)], ids=["derived", "patched"])
def test_parts_of_the_summary_that_a_project_overrides_stand_in_place_of_pytests(suite, conftest, indent, workers):
    tests = """
        def test_passes(): pass
        def test_fails(): assert 0
    """
    overrides = textwrap.indent(OVERRIDES, " " * indent)
    made = suite({"conftest.py": conftest.format(overrides=overrides), "test_a.py": tests, "test_b.py": tests})
    run = made.trun(workers, "-p", "no:cacheprovider")
    assert run.code == 1, run.said
    tail = [line for line in run.out.splitlines() if line and "generated xml file" not in line][-5:]
    assert tail[0] == "failed: test_a.py::test_fails,test_b.py::test_fails", run.said
    assert tail[1].strip("+") == " mine " and tail[2:4] == ["printed", "passed: 2"]
    assert "2 failed, 2 passed in " in tail[4]
    assert "FAILURES" not in run.out and "short test summary info" not in run.out


def test_without_workers_pytest_itself_is_the_controller(suite):
    conftest = """
        def pytest_terminal_summary(terminalreporter):
            terminalreporter.write_line(f"mine: {len(terminalreporter.stats['passed'])} passed")

        def pytest_sessionfinish(session):
            session.exitstatus = 7
    """
    run = suite(files(conftest, "def test(): pass")).trun("-n0")
    assert run.code == 7
    assert "mine: 3 passed" in run.out


BY_DEVICE = """
    from xdist.scheduler import LoadScopeScheduling

    class ByDevice(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return nodeid.rsplit("[", 1)[1].split("-")[0]

    def pytest_xdist_make_scheduler(config, log):
        return ByDevice(config, log)
"""


def test_groups_of_a_scheduler_of_ones_own_are_kept(suite):
    tests = """
        import os, time

        import pytest

        @pytest.mark.parametrize("n", range(3))
        @pytest.mark.parametrize("device", ["left", "right"])
        def test_device(device, n):
            time.sleep(0.05)
            with open(f"users-of-{device}", "a") as file:
                file.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")
    """
    made = suite(files(BY_DEVICE, tests))
    run = made.trun("-n2")
    assert run.code == 0, run.said
    for device in ("left", "right"):
        assert len(set((made.root / f"users-of-{device}").read_text().split())) == 1, device


def test_a_scheduler_that_does_more_is_refused_by_name(suite):
    more = BY_DEVICE.replace("def _split_scope", "def schedule(self): pass\n\n        def _split_scope")
    run = suite(files(more)).trun("-n2")
    assert run.code == 4
    assert "ByDevice" in run.err


@pytest.mark.parametrize(("asked", "workers"), [("auto", 3), ("2", 2)])
def test_a_hook_says_how_many_workers_auto_means(suite, asked, workers):
    conftest = """
        def pytest_xdist_auto_num_workers(config):
            assert config.option.numprocesses == "auto"
            return 3
    """
    run = suite(files(conftest, "def test(): pass")).trun("-n", asked, "-v")
    assert run.code == 0, run.said
    assert f"trun: {workers} workers" in run.said


def test_the_host_dies_and_the_run_goes_on_and_fails(suite):
    conftest = """
        import os

        def pytest_runtest_logreport(report):
            if "PYTEST_XDIST_WORKER" not in os.environ:
                os._exit(1)
    """
    run = suite(files(conftest, "def test(): pass")).trun("-n2")
    assert run.code == 3
    assert "3 passed" in run.out
    assert "the plugin host ended before its session did (exit 1)" in run.said


def test_an_error_in_the_hosts_configuration_ends_the_run_as_pytests_does(suite):
    conftest = """
        import pytest

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                raise pytest.UsageError("there is no database")
    """
    run = suite(files(conftest)).trun("-n2")
    assert run.code == 4
    assert "there is no database" in run.said


def test_what_the_host_prints_comes_out_in_whole_lines_at_once(suite):
    conftest = """
        import pytest

        @pytest.hookimpl
        def pytest_runtest_logreport(report):
            if hasattr(report, "node") and report.when == "call":
                print(f"::notice:: {report.nodeid}")
    """
    run = suite(files(conftest, "def test(): pass")).trun("-n2")
    assert run.code == 0
    notices = sorted(line for line in run.out.splitlines() if line.startswith("::"))
    assert notices == [f"::notice:: test_{name}.py::test" for name in "abc"]


def test_what_the_host_holds_is_freed_when_it_ends(suite):
    """As pytest-testmon's database, which nobody closes: the last to leave puts what was written into the file."""
    conftest = """
        import sqlite3

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                config.database = sqlite3.connect("kept.db")
                config.database.execute("PRAGMA journal_mode=WAL")
                config.database.execute("CREATE TABLE kept (x)")

        def pytest_testnodedown(node, error):
            node.config.database.execute("INSERT INTO kept VALUES (1)")
            node.config.database.commit()
    """
    made = suite(files(conftest, "def test(): pass"))
    assert made.trun("-n2").code == 0
    assert [path.name for path in made.root.glob("kept.db*")] == ["kept.db"]


def test_why_the_controllers_session_is_to_fail_is_shown_as_under_xdist(suite):
    conftest = """
        class Judge:
            def pytest_sessionstart(self, session):
                self.session = session

            def pytest_runtest_logreport(self, report):
                if report.failed:
                    self.session.shouldfail = "enough for today"

        def pytest_configure(config):
            if not hasattr(config, "workerinput"):
                config.pluginmanager.register(Judge())
        """
    made = suite(
        {"conftest.py": conftest, "test_a.py": "def test_a(): assert 0\n", "test_b.py": "def test_b(): pass\n"}
    )
    run, under_xdist = made.trun("-n", "2"), made.pytest("-n", "2")
    for each in (run, under_xdist):
        assert each.code == 1
        assert re.search(r"^!+ enough for today !+$", each.out, re.MULTILINE), each.out
    assert len(run.verdicts()) == 2


SETS_OPTIONS = """
    def pytest_configure(config):
        config.option.maxfail = 2
        config.option.tbstyle = "line"
        config.option.reportchars = "s"
        setattr(config.option, "verbose", 1)
        config.option.color = "yes"
    """


def test_what_a_conftest_makes_of_options_counts_for_the_whole_run(suite):
    """They had been read from the command line alone: all 40 tests ran, with whole tracebacks."""
    text = "".join(f"def test_{n}():\n    import time; time.sleep(0.05)\n    assert {n} < 0\n\n" for n in range(40))
    skipped = "import pytest\n\n@pytest.mark.skip(reason='not today')\ndef test_skipped():\n    pass\n\n"
    made = suite({"conftest.py": SETS_OPTIONS, "test_a.py": skipped + text})
    run = made.trun("-n", "2")
    assert run.code == 1, run.said
    assert "stopping after 2 failures" in run.out, run.said
    plain = re.sub(r"\x1b\[[0-9;]*m", "", run.out)
    assert plain != run.out, "no colour"
    assert f"{made.root / 'test_a.py'}:9: assert 0 < 0" in plain and "def test_0" not in plain, run.said
    assert "SKIPPED [1] test_a.py:3: not today" in plain, run.said
    assert "FAILED" not in plain.partition("short test summary")[2] and "FAILED test_a.py::test_0" in plain, run.said
