"""The walk that locates rewritten assertions leaves the bytecode that pytest's own leaves."""

import ast
import inspect
import textwrap

import pytest
from _pytest.assertion import rewrite

from trun_worker.server import rewriting

SOURCE = textwrap.dedent(
    '''
    """Each kind of assertion that pytest rewrites."""
    import os

    def test_all(value=[1, 2, {"a": (3, 4)}]):
        assert value
        assert not value, "message"
        assert (
            value[0] == 1
            and len(value) < 4 < 5
            or any(each is None for each in value)
        ), f"{value!r} of {os}"
        assert value[2]["a"][1:] == (4,) != (5,)
        assert (found := len(value)) == 3 and found > 2
        assert [each for each in value if each], lambda: value
        assert value @ value if value is None else value
        assert -value[0] + value[1] ** 2 == max(*value[:2], key=lambda each: -each)
        assert os.path.join("a", *["b"], **{}), value

    class Test:
        async def test(self):
            assert await self.answer() == 42
            for number in range(3):
                if number:
                    assert number
                else:
                    assert number in (0,), "else"
    '''
)


def rewritten(monkeypatch, install):
    """The tree that pytest makes of SOURCE, with its locations."""
    with monkeypatch.context() as patch:
        patch.setattr(rewrite, "traverse_node", rewrite.traverse_node)
        patch.setattr(rewrite.AssertionRewriter, "visit_Assert", rewrite.AssertionRewriter.visit_Assert)
        if install:
            assert rewriting.install()
        tree = ast.parse(SOURCE)
        rewrite.rewrite_asserts(tree, SOURCE.encode(), "test_it.py")
    return tree


@pytest.fixture
def pytests_own(monkeypatch):
    """What is there without the walk, also where trun runs these tests."""
    own = rewrite.AssertionRewriter.visit_Assert
    while own.__closure__:
        own = inspect.getclosurevars(own).nonlocals["visit"]
    monkeypatch.setattr(rewrite.AssertionRewriter, "visit_Assert", own)


@pytest.mark.usefixtures("pytests_own")
class TestRewritten:
    def test_has_the_same_tree_and_the_same_code(self, monkeypatch):
        own, ours = rewritten(monkeypatch, install=False), rewritten(monkeypatch, install=True)
        assert ast.dump(ours, include_attributes=True) == ast.dump(own, include_attributes=True)
        assert compile(ours, "test_it.py", "exec") == compile(own, "test_it.py", "exec")

    def test_says_so_where_pytest_is_built_differently(self, monkeypatch):
        def visit_assert(self, assert_):
            raise AssertionError

        monkeypatch.setattr(rewrite.AssertionRewriter, "visit_Assert", visit_assert)
        assert not rewriting.install()
        assert rewrite.AssertionRewriter.visit_Assert is visit_assert

    def test_pytests_walk_is_left_to_others(self, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr(rewrite, "traverse_node", rewrite.traverse_node)
            patch.setattr(rewrite.AssertionRewriter, "visit_Assert", rewrite.AssertionRewriter.visit_Assert)
            assert rewriting.install()
            tree = ast.parse("1 + 2")
            assert len([*rewrite.traverse_node(tree)]) == 6


def test_what_plugins_note_in_a_node_is_no_part_of_the_tree():
    tree = ast.parse("a + b", mode="eval")
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child.parent = node
    rewriting.locate(tree, {"lineno": 7, "col_offset": 1, "end_lineno": 8, "end_col_offset": 2})
    assert tree.body.right.lineno == 1


def test_a_location_is_kept_where_there_is_one():
    tree = ast.parse("a + b", mode="eval")
    tree.body.left = ast.Name("c", ast.Load())
    rewriting.locate(tree, {"lineno": 7, "col_offset": 1, "end_lineno": 8, "end_col_offset": 2})
    assert (tree.body.left.lineno, tree.body.left.end_lineno) == (7, 8)
    assert tree.body.right.lineno == 1
