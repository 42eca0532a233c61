"""The comparison itself: what may differ is taken for equal, what stands just outside of it is found, and so is all else."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from compare.aside import junit_counts, lines_of_files, lines_said
from compare.combinations import SHARED_BY, pairwise, quick, whole_product
from compare.differ import Strictness, compare
from compare.normalise import TEXT_RULES, normal_text
from compare.recording import Recording, Report, Warned, printed_marks, short_summary
from compare.suites import COLLECTS, LANES, NUMPROCESSES, Variant, load_suites

COMPAT = Path(__file__).resolve().parents[1]

ITEMS = ["a.py::test_one", "a.py::test_two", "b.py::test_three"]
FAILED = Report(
    "a.py::test_two", "call", "failed", "failed", "FAILED", "E   assert 1 == 2", sections=(("Captured stdout", "x"),)
)


def recording(**changes):
    whole = Recording(
        items=list(ITEMS),
        deselected=1,
        reports=[FAILED],
        finished=list(ITEMS),
        verdicts={name: ["failed" if name == FAILED.nodeid else "passed"] for name in ITEMS},
        warnings=[Warned("runtest", ITEMS[0], "UserWarning", "a.py:3: UserWarning: old")],
        suite_properties=[("host", "here")],
        exit_code=1,
        summary=["FAILED a.py::test_two - assert 1 == 2"],
        closing_line="1 failed, 2 passed in 0.12s",
    )
    return replace(whole, **changes)


# Rule: (what is the same, what is not).
CONTROLS = {
    "object addresses": [
        ("<A object at 0x7f3a5c0d1e20>", "<A object at 0x55d0c0ffee00>", True),
        ("<A object at 0x7f3a5c0d1e20>", "<B object at 0x7f3a5c0d1e20>", False),
        ("mask 0x7f3a5c0d1e20", "mask 0x7f3a5c0d1e21", False),
        ("at 0x7f", "at 0x80", False),
    ],
    "temporary paths": [
        ("/tmp/pytest-of-me/pytest-3/test_a0", "/tmp/pytest-of-me/pytest-41/popen-gw1/test_a0", True),
        ("/tmp/pytest-of-me/pytest-3/test_a0", "/tmp/pytest-of-me/pytest-3/test_a1", False),
        ("/tmp/elsewhere/pytest-3/x", "/tmp/elsewhere/pytest-4/x", False),
    ],
    "lists of plugins": [
        ("methods = [<HookImpl plugin_name='a'>]", "methods = [<HookImpl plugin_name='b'>, ...]", True),
        ("methods = ['get', 'put']", "methods = ['get']", False),
        ("my_methods = [<HookImpl a>]", "my_methods = [<HookImpl b>]", False),
    ],
    "frames of the runner in exception groups": [
        (
            '  |   File "/v/_pytest/runner.py", line 3, in call\n  |     func()\n  |   File "a.py"',
            '  |   File "a.py"',
            True,
        ),
        ('  |   File "/v/mine/runner.py", line 3, in call\n  |     func()\n', "", False),
        ('  File "/v/_pytest/runner.py", line 3, in call\n    func()\n', "", False),
    ],
}


def test_every_rule_has_controls():
    assert set(CONTROLS) == {rule.name for rule in TEXT_RULES}
    assert all({same for *_, same in cases} == {True, False} for cases in CONTROLS.values())


@pytest.mark.parametrize(("one", "other", "same"), [case for cases in CONTROLS.values() for case in cases])
def test_rules_and_their_controls(one, other, same):
    assert (normal_text(one) == normal_text(other)) == same


def test_equal_recordings_have_no_difference():
    assert compare(recording(), recording()) == []


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("exit code", {"exit_code": 0}),
        ("collected node ids", {"items": ITEMS[:2]}),
        ("collected node ids", {"items": [*ITEMS, ITEMS[0]]}),
        ("order in a.py", {"items": [ITEMS[1], ITEMS[0], ITEMS[2]]}),
        ("number of deselected tests", {"deselected": 0}),
        ("finished tests", {"finished": ITEMS[:2]}),
        ("outcome of", {"verdicts": {key: ["passed"] for key in ITEMS}}),
        ("outcome of", {"verdicts": {**recording().verdicts, ITEMS[0]: ["passed", "passed"]}}),
        ("report of", {"reports": []}),
        ("longrepr", {"reports": [replace(FAILED, longrepr="E   assert 1 == 3")]}),
        ("sections", {"reports": [replace(FAILED, sections=())]}),
        ("collection report", {"collect_reports": [replace(FAILED, when="collect")]}),
        ("warnings", {"warnings": []}),
        ("warnings", {"warnings": recording().warnings * 2}),
        ("suite properties", {"suite_properties": [("host", "there")]}),
        ("short test summary", {"summary": []}),
        ("closing line", {"closing_line": "1 failed, 3 passed in 0.12s"}),
    ],
)
def test_a_difference_is_found(what, changes):
    assert any(what in str(found) for found in compare(recording(), recording(**changes)))


def test_printed_marks_count_where_they_are_asked_for():
    printed = recording(printed=printed_marks("a.py .<<one>>\n<<two\n>>", "<<one>>"))
    assert printed.printed == ["stdout: one", "stderr: one"]
    assert compare(recording(), printed) == []
    assert compare(printed, printed, Strictness(printed=True)) == []
    assert compare(recording(printed=["stdout: one"] * 2), printed, Strictness(printed=True))


def test_the_short_summary_ends_at_the_next_rule():
    rules = ["=" * 9 + " short test summary info " + "=" * 9, "=" * 9 + " 1 failed in 0.12s " + "=" * 9]
    lines = ["FAILED a.py::test_two", "SKIPPED [2] a.py: not here"]
    assert short_summary("\n".join(["F.", rules[0], *lines, rules[1], "more"])) == lines
    assert short_summary("\n".join([rules[0], *lines, "!" * 20 + " stopping after 1 failures " + "!" * 20])) == lines
    assert short_summary("\n".join([rules[0], *lines, "1 failed, 2 skipped in 0.12s"])) == lines
    assert short_summary("1 passed") == []


def test_durations_of_the_closing_line_may_differ():
    assert compare(recording(), recording(closing_line="1 failed, 2 passed in 61.00s (0:01:01)")) == []


@pytest.mark.parametrize(
    "line", ["1 failed, 2 passed in 0.12s, or so", "1 failed, 2 passed in 0.12", "1 failed, 2 passed"]
)
def test_what_stands_around_the_duration_may_not(line):
    assert compare(recording(), recording(closing_line=line))


def test_durations_in_other_texts_may_not_differ():
    assert normal_text("took 3 passed in 0.12s") != normal_text("took 3 passed in 0.13s")


def test_the_order_over_files_counts_where_it_is_asked_for():
    turned = recording(items=[ITEMS[2], *ITEMS[:2]])
    assert compare(recording(), turned) == []
    assert compare(recording(), turned, Strictness(whole_order=True))


def test_a_flaky_test_must_still_finish():
    strict = Strictness(flaky=frozenset({FAILED.nodeid}))
    assert compare(recording(), recording(reports=[], verdicts={key: ["passed"] for key in ITEMS}), strict) == []
    assert compare(recording(), recording(finished=[ITEMS[0], ITEMS[2]]), strict)


def test_pairs_of_modes_cover_every_pair():
    variant = Variant("all")
    whole = whole_product(variant)
    assert len(whole) == len({str(each) for each in whole}) == 18
    for turn in range(2):
        chosen = pairwise(variant, turn)
        assert len({(each.collect, each.numprocesses) for each in chosen}) == 9
        assert len({(each.collect, each.lane) for each in chosen}) == 6
        assert len({(each.lane, each.numprocesses) for each in chosen}) == 6


@pytest.mark.parametrize("first", range(6))
@pytest.mark.parametrize("variants", range(SHARED_BY, 6))
def test_many_variants_share_the_pairs(variants, first):
    each = [pairwise(Variant("all"), first + turn, variants) for turn in range(variants)]
    assert {len(chosen) for chosen in each} == {6}
    for chosen in each:
        assert len({(one.collect, one.lane) for one in chosen}) == 6
    together = [one for chosen in each for one in chosen]
    assert len({(one.collect, one.numprocesses) for one in together}) == 9
    assert len({(one.lane, one.numprocesses) for one in together}) == 6


def test_of_less_than_the_usual_numbers_nothing_is_left_out():
    assert len(pairwise(Variant("few", numprocesses=(0, 2)), 0, SHARED_BY)) == 6


def test_a_quick_run_of_few_variants_has_every_value_in_each():
    for turn in range(6):
        chosen = quick(Variant("all"), turn)
        assert {each.collect for each in chosen} == set(COLLECTS)
        assert {each.lane for each in chosen} == set(LANES)
        assert {each.numprocesses for each in chosen} == set(NUMPROCESSES)


def test_a_quick_run_of_many_variants_has_every_value_in_each_suite_and_every_combination_in_all():
    whole = set(whole_product(Variant("all")))
    seen, first = set(), 0
    for suite in load_suites(COMPAT / "suites", COMPAT / "flaky.json"):
        usual = [variant for variant in suite.variants if whole_product(variant) == whole_product(Variant("all"))]
        chosen = [
            one
            for place, variant in enumerate(suite.variants)
            for one in quick(variant, first + place, first, len(suite.variants))
        ]
        if len(usual) == len(suite.variants) >= SHARED_BY:
            assert len(chosen) == len(usual)
            assert {one.collect for one in chosen} == set(COLLECTS), suite.name
            assert {one.lane for one in chosen} == set(LANES), suite.name
            assert {one.numprocesses for one in chosen} == set(NUMPROCESSES), suite.name
        seen.update(chosen)
        first += len(suite.variants)
    assert seen >= whole


def test_in_verdicts_alone_texts_may_differ_but_no_outcome():
    strict = Strictness(verdicts=True)
    other_text = recording(reports=[replace(FAILED, longrepr="E   another")], warnings=[], closing_line="")
    assert compare(recording(), other_text, strict) == []
    assert compare(recording(), recording(verdicts={**recording().verdicts, ITEMS[0]: ["failed"]}), strict)
    assert compare(recording(), recording(finished=ITEMS[:2]), strict)
    assert compare(recording(), recording(exit_code=0), strict)


@pytest.mark.parametrize("verdicts", [True, False])
def test_what_a_suite_asks_for_besides_is_compared(verdicts):
    strict = Strictness(verdicts=verdicts)
    with_lines = recording(aside=[("*.txt", "one"), ("*.txt", "two")])
    assert compare(with_lines, recording(aside=[("*.txt", "two"), ("*.txt", "one")]), strict) == []
    assert compare(with_lines, recording(aside=[("*.txt", "one")]), strict)


def test_lines_of_files_are_those_of_all_that_match(tmp_path):
    (tmp_path / "b.txt").write_text("x 2\n\nother\n")
    (tmp_path / "a.txt").write_text("x 1")
    (tmp_path / "a.log").write_text("x 3")
    assert lines_of_files(tmp_path, {"*.txt": "x .*"}) == [("*.txt", "x 1"), ("*.txt", "x 2")]
    assert lines_of_files(tmp_path, {"*.none": ".*"}) == []


def test_of_an_expression_with_groups_only_those_count():
    assert lines_said("took 1 s: b\ntook 2 s: a\nelse\n", [r"took \d s: (.*)"]) == [
        (r"took \d s: (.*)", "a"),
        (r"took \d s: (.*)", "b"),
    ]
    assert lines_said("said: here", ["here"]) == []  # not at its beginning


def test_junit_counts_of_each_suite(tmp_path):
    (tmp_path / "junit.xml").write_text(
        '<testsuites><testsuite tests="3" failures="1" errors="0" skipped="2"/></testsuites>'
    )
    assert junit_counts(tmp_path / "junit.xml") == [
        ("junit", "tests=3"),
        ("junit", "failures=1"),
        ("junit", "errors=0"),
        ("junit", "skipped=2"),
    ]
    assert junit_counts(tmp_path / "none.xml") == []
