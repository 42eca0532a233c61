"""The corpus of bound suites: its table, and the ways that are chosen of it."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bound.case import PLACES
from bound.folder import files_of, options_of
from bound.table import CASES, COLLECTS, NUMPROCESSES, every_way, one_way, some_ways


def test_at_least_forty_cases_bind_a_process():
    assert len([case for case in CASES if case.bound]) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_text_of_a_case_can_be_compiled_and_has_a_check(case):
    for place in case.places:
        for name, text in files_of(case, place).items():
            if name.endswith(".py"):
                compile(text, name, "exec")
        assert any("def check(n, worker_id)" in text for text in files_of(case, place).values())


def test_the_import_is_where_the_place_says():
    case = CASES[0]
    assert "def check" in files_of(case, "conftest")["conftest.py"]
    assert files_of(case, "plugins")["conftest.py"] == 'pytest_plugins = ["bound_plugin"]\n'
    assert "conftest.py" not in files_of(case, "option") and options_of("option") == ["-p", "bound_plugin"]
    assert [name for name in files_of(case, "module") if name.startswith("test_")] == ["test_a.py"]
    assert all("def check" in files_of(case, "modules")[name] for name in ("test_a.py", "test_b.py", "test_c.py"))


def test_the_ways_chosen_are_of_every_kind():
    assert {way.case for way in one_way(CASES)} == set(CASES)
    assert {way.place for way in one_way(CASES)} == set(PLACES)
    some = some_ways(CASES)
    assert {(way.case, way.place) for way in some} == {(case, place) for case in CASES for place in case.places}
    assert {(way.numprocesses, way.collect) for way in some} == {(n, way) for n in NUMPROCESSES for way in COLLECTS}
    assert len(every_way(CASES)) == sum(16 * len(case.places) for case in CASES)
