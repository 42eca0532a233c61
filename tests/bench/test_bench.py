"""The benchmark's own arithmetic, and its eyes: what it counts and whose memory it sees."""

import os
import subprocess
import sys

import before as before_bench
import pytest
from bench import CASES, Case, Outcome, Target, chosen, main, parse, row
from generated import SUITES
from measure import Measured, RunFailed, pss_of, run, tree_of, verdicts_of
from real import Shown, misses


def outcome(trun, limit):
    shown = Outcome(Case("one", "warm", targets=(Target("pytest", limit),)))
    for seconds in (1.0, 2.0, 9.0):
        shown.add("pytest", Measured(seconds, {}, None))
    for seconds in (trun, 0.1, 99.0):
        shown.add("trun", Measured(seconds, {}, None))
    return shown


def test_a_ratio_is_that_of_the_medians():
    assert outcome(0.5, 0.25).ratio("pytest") == 0.25


def test_a_ratio_at_its_limit_is_reached():
    assert not outcome(0.5, 0.25).misses()


def test_a_ratio_above_its_limit_is_not_reached():
    assert [target.limit for target in outcome(0.52, 0.25).misses()] == [0.25]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.suite}-{case.what}-{case.rounds}-{case.added}")
def test_what_a_target_compares_with_is_run(case):
    assert {"trun", *(target.against for target in case.targets)} <= set(case.runners)


def test_who_did_not_run_has_no_figure():
    shown = Outcome(Case("small", "warm", targets=(Target("bare", 1.05),), runners=("bare", "trun")))
    for runner, seconds in (("bare", 2.0), ("trun", 2.02)):
        shown.add(runner, Measured(seconds, {}, None))
    assert row(shown).split() == "small warm -n 2 - - 2.02 - - bare 1.05: 1.01 reached".split()


def test_memory_is_counted_in_megabytes():
    shown = Outcome(Case("small", "memory"))
    shown.add("trun", Measured(1.0, {}, 52_000_000))
    assert shown.median("trun") == 52.0


def test_quick_leaves_out_cold_runs():
    assert {case.what for case in chosen(parse(["--quick"]))} == {"warm", "memory"}


def test_a_suite_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["smal"])
    assert "no suite smal" in capsys.readouterr().err


@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
def test_a_suite_has_as_many_tests_as_it_says(suite):
    count = sum(text.count("def test_") for _, text in suite.files())
    assert count * (5000 if suite.name == "cases" else 1) == suite.tests


def test_a_suite_is_written_once(tmp_path):
    suite = next(suite for suite in SUITES if suite.name == "one")
    root = suite.write(tmp_path)
    before = (root / "test_one.py").stat().st_mtime_ns
    assert suite.write(tmp_path) == root
    assert (root / "test_one.py").stat().st_mtime_ns == before


def test_verdicts_are_counted_by_outcome(tmp_path):
    junit = tmp_path / "junit.xml"
    junit.write_text(
        "<testsuites><testsuite><testcase/><testcase/><testcase><failure/></testcase>"
        "<testcase><skipped/></testcase><testcase><error/><system-out/></testcase></testsuite></testsuites>"
    )
    assert verdicts_of(junit) == {"passed": 2, "failure": 1, "skipped": 1, "error": 1}


def test_the_tree_holds_grandchildren_and_their_memory():
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(1, flush=True); input()'])"
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        child.stdout.readline()  # the grandchild runs
        tree = tree_of(os.getpid())
        assert len(tree_of(child.pid)) == 2
        assert set(tree_of(child.pid)) < set(tree)
        assert all(pss_of(pid) > 1_000_000 for pid in tree_of(child.pid))
    finally:
        child.communicate(b"\n")
    assert pss_of(child.pid) == 0


def test_a_runner_that_fails_is_named_with_its_output(tmp_path):
    command = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with pytest.raises(RunFailed, match=r"(?s)exit 1 of .*no such thing"):
        run(command, tmp_path, tmp_path / "junit.xml", dict(os.environ))


def test_a_runner_that_writes_no_junit_has_failed(tmp_path):
    with pytest.raises(RunFailed, match="exit 0"):
        run([sys.executable, "-c", ""], tmp_path, tmp_path / "junit.xml", dict(os.environ))


def shown(name, seconds, out=()):
    found = Shown(name, {runner: [took] for runner, took in seconds.items()}, {"xdist": 4, "trun": 3})
    found.out = dict.fromkeys(out, "other verdicts")
    return found


def test_a_real_suite_is_compared_with_the_fastest_that_reaches_pytests_verdicts():
    seconds = {"pytest": 4.0, "xdist": 3.0, "rstest": 1.0, "trun": 1.5}
    assert shown("a", seconds).ratio() == 1.5
    assert shown("a", seconds, ["rstest"]).ratio() == 0.5


def test_real_suites_miss_by_their_sum_and_each_alone(capsys):
    slow = shown("slow", {"pytest": 1.0, "xdist": 2.0, "rstest": 2.0, "trun": 1.2})
    quick = shown("quick", {"pytest": 9.0, "xdist": 9.0, "rstest": 9.0, "trun": 3.0})
    assert misses([quick]) == []
    assert misses([slow, quick]) == ["slow: 1.20"]
    assert misses([slow]) == ["in sum 1.20 of the fastest", "slow: 1.20"]
    assert misses([quick, shown("wrong", {}, ["trun"])]) == ["wrong: other verdicts"]
    assert misses([shown("wrong", {}, ["trun"])]) == ["wrong: other verdicts"]
    assert "memory 0.75 of xdist's" in capsys.readouterr().out


def compared(name, before, now, wrong_before=(), wrong_now=()):
    return before_bench.Shown(
        name, 1, {"before": [before], "now": [now]}, {"before": list(wrong_before), "now": list(wrong_now)}
    )


def test_what_a_change_costs_is_told_by_the_sum_of_suites_in_which_the_trun_of_before_was_right(capsys):
    assert before_bench.misses([compared("slow", 1.0, 1.5), compared("long", 99.0, 99.0)]) == []
    assert before_bench.misses([compared("slow", 1.0, 1.5)]) == ["in sum 1.500 of before"]
    assert before_bench.misses([compared("slow", 1.0, 1.5, ["x::y"]), compared("long", 99.0, 99.0)]) == []
    assert before_bench.misses([compared("a", 1.0, 1.0, wrong_now=["x::y"])]) == ["a: verdicts differ"]
    assert "in sum 1.000 of before (at most 1.03), over 1 suites" in capsys.readouterr().out


def test_cases_of_one_name_are_compared_together(tmp_path):
    junit = tmp_path / "junit.xml"
    case = '<testcase classname="a" name="b">{}</testcase>'
    junit.write_text(f"<testsuites>{case.format('<skipped/>')}{case.format('')}</testsuites>")
    assert before_bench.verdicts(junit) == {"a::b": ["passed", "skipped"]}


@pytest.mark.parametrize("group", ["", "pkg.test_a"])
def test_a_module_that_was_skipped_is_the_same_by_either_name(tmp_path, group):
    junit = tmp_path / "junit.xml"
    junit.write_text(f'<testsuite><testcase classname="{group}" name="pkg.test_a"><skipped/></testcase></testsuite>')
    assert before_bench.verdicts(junit) == {"::pkg.test_a": ["skipped"]}


def test_suites_may_follow_an_option():
    assert before_bench.parse([__file__, "--rounds", "2", "a"], ["a", "b"]).suites == ["a"]
    assert before_bench.parse(["--rounds", "2", __file__, "a", "b"], ["a", "b"]).suites == ["a", "b"]
