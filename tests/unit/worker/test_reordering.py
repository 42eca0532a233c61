"""pytest's own reordering is left out only where it would keep the order."""

import textwrap

import pytest
from _pytest import fixtures

from trun_worker.collection import reordering

pytest_plugins = ["pytester"]
SUITES = {
    "plain": "def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass",
    "parameters of the test": """
        @pytest.mark.parametrize("n", [1, 2])
        def test_a(n): pass
        @pytest.mark.parametrize("n", [1, 2])
        def test_b(n): pass
    """,
    "a fixture's parameters": """
        @pytest.fixture(params=[1, 2])
        def f(request): pass
        def test_a(f): pass
        def test_b(f): pass
    """,
    "a wider fixture's parameters": """
        @pytest.fixture(params=[1, 2], scope="module")
        def f(request): pass
        def test_a(f): pass
        def test_b(f): pass
    """,
    "a wider scope that a marker gives": """
        @pytest.mark.parametrize("n", [1, 2], scope="class")
        class TestIt:
            def test_a(self, n): pass
            def test_b(self, n): pass
            def test_c(self, n): pass
    """,
}
KEEPS = {"plain", "parameters of the test", "a fixture's parameters"}


@pytest.mark.parametrize("name", SUITES)
def test_the_order_is_kept_where_pytest_keeps_it(pytester, name):
    items = pytester.getitems("import pytest\n" + textwrap.dedent(SUITES[name]))
    assert len(items) > 2
    assert reordering.keeps_order(items) == (name in KEEPS)
    assert (fixtures.reorder_items(items) == items) == (name in KEEPS)


def test_an_item_that_is_there_twice_is_pytests_to_drop(pytester):
    item = pytester.getitem("def test(): pass", "test")
    assert not reordering.keeps_order([item, item])


def test_what_has_a_callspec_of_another_shape_is_pytests(pytester):
    class Odd:
        callspec = object()

    assert not reordering.keeps_order([Odd()])


def test_who_has_replaced_it_is_asked(monkeypatch):
    replaced = lambda items: items  # noqa: E731
    monkeypatch.setattr(fixtures, "reorder_items", replaced)
    assert not reordering.install()
    assert fixtures.reorder_items is replaced
