"""What a person sees."""

import os
import pathlib
import re

import pytest

import harness

PRINTING = """
    import sys, pytest

    @pytest.mark.parametrize("number", range(40))
    def test_prints(number):
        for letter in "abcdef":
            sys.stdout.write(letter * 20)
            sys.stdout.flush()
        print()
"""
MIXED = """
    import pytest

    def test_good():
        pass

    def test_bad():
        print("said before")
        assert [1, 2] == [1, 3]

    @pytest.mark.skip(reason="not today")
    def test_skipped():
        pass
"""

EXPECTED = """
    import pytest

    @pytest.mark.xfail(reason="known")
    def test_known():
        print("said before")
        assert [1, 2] == [1, 3]

    @pytest.mark.xfail(raises=(ValueError, KeyError))
    def test_raises_as_it_should():
        int("x")

    @pytest.mark.xfail(raises=KeyError)
    def test_raises_something_else():
        int("x")

    def test_in_words():
        pytest.xfail("found out late")

    @pytest.mark.xfail(strict=True)
    def test_passes():
        pass

    @pytest.mark.xfail
    class TestOld:
        def test_mends_itself(self):
            pass

        def test_is_still_broken(self):
            raise OSError("no")
"""


def sections(text):
    """From the first section on, but for durations and addresses."""
    text = re.sub(r"0x[0-9a-f]+", "0x", re.sub(r"in [\d.]+s", "in TIME", text))
    lines = [line.strip("=").strip() for line in text.splitlines()]
    titles = ("FAILURES", "XFAILURES", "PASSES", "XPASSES", "short test summary info", "1 failed")
    return lines[next(number for number, line in enumerate(lines) if line.startswith(titles)) :]


def test_without_capture_lines_stay_whole(suite):
    run = suite({"test_a.py": PRINTING, "test_b.py": PRINTING}).trun("-n", "2", "-s")
    assert run.code == 0
    whole = "".join(letter * 20 for letter in "abcdef")
    assert len([line for line in run.out.splitlines() if line.strip() == whole]) == 80


def test_the_closing_line_is_pytests(suite):
    ours = suite({"test_mixed.py": MIXED})
    pattern = r"^=+ (.*) in [\d.]+s =+$"
    expected = re.findall(pattern, ours.pytest().out, re.M)
    assert re.findall(pattern, ours.trun("-n", "2").out, re.M) == expected == ["1 failed, 1 passed, 1 skipped"]


@pytest.mark.parametrize("args", [[], ["-q"], ["-rA"], ["--tb=short"], ["--tb=no"], ["--no-summary"]], ids=" ".join)
def test_failures_and_summary_are_pytests(suite, args):
    ours = suite({"test_mixed.py": MIXED})
    assert sections(ours.trun("-n", "1", *args).out) == sections(ours.pytest(*args).out)


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize("args", [["-vv"], ["-vv", "--force-short-summary"]], ids=" ".join)
def test_the_short_summary_is_as_long_as_pytests(suite, args, workers):
    ours = suite({"test_a.py": "def test_a():\n    assert {'a': [1] * 40} == {'a': [2] * 40}\n"})

    def summary(run):
        text = run.out.partition("short test summary info")[2]
        return text.splitlines()[1:-1]

    expected = summary(ours.pytest(*args))
    assert (len(expected) == 1) == (len(args) == 2), expected
    assert summary(ours.trun("-n", workers, *args)) == expected


@pytest.mark.parametrize("args", [["-rxX"], ["-rxX", "--xfail-tb"], ["-rxX", "--runxfail"], ["-rA"]], ids=" ".join)
def test_expected_failures_are_pytests(suite, args):
    """Without `--xfail-tb` nobody renders what they have raised, and nobody misses it."""
    ours = suite({"test_expected.py": EXPECTED})
    assert sections(ours.trun("-n", "1", *args).out) == sections(ours.pytest(*args).out)


SKIPS = """
    import pytest

    @pytest.mark.skip(reason="by the class")
    class TestOld:
        @pytest.mark.parametrize("number", range(3))
        def test_it(self, number): pass

        def test_other(self): pass

    def test_slow(): pass

    def test_slow_too(): pass

    @pytest.mark.parametrize("number", range(3))
    def test_slow_cases(number): pass

    @pytest.mark.skip(reason="by itself")
    def test_own(): pass

    def test_says_so():
        pytest.skip("by a call")
"""
SKIPS_SLOW = """
    import pytest

    def pytest_collection_modifyitems(items):
        for item in items:
            if "slow" in item.name:
                item.add_marker(pytest.mark.skip(reason="need --runslow"))
"""


@pytest.mark.parametrize("args", [("-n", "2"), ("-n", "0")])
def test_skips_fold_as_pytests_do(suite, args):
    made = suite({"test_a.py": SKIPS, "conftest.py": SKIPS_SLOW})
    run, expected = made.trun(*args, "-rs"), made.pytest("-rs")
    lines = [sorted(line for line in each.out.splitlines() if line.startswith("SKIPPED")) for each in (run, expected)]
    assert lines[0] == lines[1]
    assert "SKIPPED [2] test_a.py: need --runslow" in lines[1]


@pytest.mark.parametrize("args", [("-n", "2"), ("-n", "0")])
def test_the_summary_quotes_the_text_that_a_hook_has_put_in_place_of_a_traceback(suite, args):
    conftest = """
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if report.failed:
                report.longrepr = "only this counts\\nand this explains it"
            return report
    """
    made = suite({"test_a.py": "def test_it(): assert 0\n", "conftest.py": conftest})
    assert "FAILED test_a.py::test_it - only this counts\n" in made.pytest().out
    assert "FAILED test_a.py::test_it - only this counts\n" in made.trun(*args).out


@pytest.mark.parametrize("args", [("--log-cli-level=INFO",), ("-o", "log_cli=true", "--log-level=INFO")])
def test_live_logs_are_shown_with_n_0(suite, args):
    made = suite({"test_a.py": "import logging\n\ndef test_it(): logging.getLogger().info('said live')\n"})
    run = made.trun("-n", "0", *args)
    assert run.code == 0, run.said
    assert " live log call " in run.out
    assert "said live" in run.out
    assert "one worker with pytest's own terminal" in run.said
    assert "live log" not in made.trun("-n", "2", *args).out


@pytest.mark.parametrize(
    "args", ["-n 0", "-n 1", "-n 2 --collect each", "-n 2 --collect once", "-n 2 --lane standard"], ids=str
)
def test_without_pytests_terminal_plugin_there_is_no_report(suite, args):
    tests = "import pytest\n\ndef test_passes(): pass\n\ndef test_fails(): assert 0\n\n"
    tests += "def test_skips(): pytest.skip('x')\n"
    made = suite({"test_a.py": tests, "test_b.py": tests})
    run = made.trun(*args.split(), "-p", "no:terminal")
    assert (run.code, run.out) == (1, ""), run.said
    assert made.pytest("-p", "no:terminal").out == ""
    assert "2 passed" not in run.said
    assert sorted(run.verdicts().values()) == [["failed"]] * 2 + [["passed"]] * 2 + [["skipped"]] * 2


def test_verbose_lines_name_the_worker(suite):
    run = suite({"test_mixed.py": MIXED}).trun("-n", "2", "-v")
    assert re.search(r"\[gw\d\].*PASSED test_mixed.py::test_good", run.out)


def test_verbose_says_how_tests_were_collected(suite):
    run = suite({"test_mixed.py": MIXED}).trun("-n", "2", "-v")
    assert re.search(r"collect\w*:? .*sharded|sharded", run.out)


@pytest.mark.parametrize(("env", "coloured"), [({"NO_COLOR": "1"}, False), ({"FORCE_COLOR": "1"}, True), ({}, False)])
def test_colours(suite, env, coloured):
    out = suite({"test_mixed.py": MIXED}).trun("-n", "2", env=env).out
    assert ("\x1b[" in out) == coloured


def test_no_color_wins_over_color_yes_as_in_pytest(suite):
    ours = suite({"test_mixed.py": MIXED})
    coloured = "\x1b[" in ours.trun("-n", "2", "--color=yes", env={"NO_COLOR": "1"}).out
    expected = ours.pytest("--color=yes", env={"NO_COLOR": "1"})
    assert coloured == ("\x1b[" in expected.out)


def test_durations(suite):
    run = suite({"test_a.py": "import time\n\ndef test_waits():\n    time.sleep(0.2)\n"}).trun(
        "-n", "1", "--durations=3"
    )
    assert re.search(r"0\.2\ds call +test_a.py::test_waits", run.out)


def test_warnings_summary(suite):
    text = "import warnings\n\ndef test_w():\n    warnings.warn('mind the step')\n"
    run = suite({"test_w.py": text}).trun("-n", "2")
    assert "warnings summary" in run.out
    assert "UserWarning: mind the step" in run.out
    assert "1 passed, 1 warning" in run.out


@pytest.mark.parametrize(
    "args", [["-n", "0"], ["-n", "2", "--collect", "once"], ["-n", "2", "--collect", "each"]], ids=" ".join
)
def test_what_hooks_say_of_session_and_collection_is_shown_once(suite, args):
    conftest = """
        def pytest_report_header():
            return ["stack: blue", "region: north"]

        def pytest_report_collectionfinish(items):
            return f"found {len(items)}"
    """
    ours = suite({"conftest.py": conftest, "test_a.py": "def test_a(): pass\n", "test_b.py": "def test_b(): pass\n"})
    lines = [line.strip() for line in ours.trun(*args).out.splitlines()]
    assert [lines.count(said) for said in ("stack: blue", "region: north", "found 2")] == [1, 1, 1]
    assert "stack: blue" not in ours.trun(*args, "-q").out


def test_a_hook_that_counts_the_collection_is_not_sharded(suite):
    conftest = "def pytest_report_collectionfinish(items):\n    return f'found {len(items)}'\n"
    files = {f"test_{n}.py": "def test_a(): pass\n" for n in range(4)}
    run = suite({"conftest.py": conftest, **files}).trun("-n", "2")
    assert "found 4" in run.out


PRINTS = """
    import pathlib

    def test_prints():
        for _ in range(200):
            print("x" * (1 << 20))
        pathlib.Path("printed").touch()
"""


def test_a_slow_reader_makes_tests_wait_and_costs_no_memory(suite):
    """What is printed past the capture waited in the engine's memory, however much it was; pytest waits in its write."""
    ours = suite({"test_a.py": PRINTS})
    reading, writing = os.pipe()
    process = ours.start("-n", "1", "-s", stdout=writing)
    os.close(writing)
    assert harness.wait_until(lambda: harness.Processes(process.pid).find("worker"), 20)
    assert not harness.wait_until((ours.root / "printed").exists, 3)
    engine = harness.Processes(process.pid).find("engine")
    status = pathlib.Path(f"/proc/{engine}/status").read_text()
    peak = int(status.partition("VmHWM:")[2].split()[0]) / 1024
    assert peak < 90, f"{peak:.0f} MB"
    got = 0
    while chunk := os.read(reading, 1 << 20):
        got += chunk.count(b"x")
    os.close(reading)
    run = ours.finish(process, limit=60)
    assert run.code == 0, run.said
    assert got >= 200 << 20
