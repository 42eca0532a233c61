"""Which test pytest is told comes next, where the engine closes a queue and another one follows than was likely."""

from collections import deque

import pytest

from trun_worker.run.next_item import NextItem


class State:
    def __init__(self, fails=False):
        self.calls = []
        self._fails = fails

    def teardown_exact(self, nextitem):
        self.calls.append(nextitem)
        if self._fails:
            raise RuntimeError("in a fixture")


class Session:
    def __init__(self, state):
        self._setupstate = state


class Item:
    def __init__(self, name, state):
        self.name = name
        self.session = Session(state)


class Inventory:
    def __init__(self, *items):
        self._items = {item.name: item for item in items}

    def find(self, nodeid):
        return self._items.get(nodeid)


@pytest.fixture
def state():
    return State()


@pytest.fixture
def items(state):
    return [Item(name, state) for name in "abc"]


def test_the_next_of_the_queue_comes_next(items, state):
    a, b, c = items
    succession = NextItem(Inventory(*items))
    succession.assigned({"items": ["a", "b"], "next": "c"})
    assert succession.follow(a, deque([b])) is b
    assert succession.follow(b, deque()) is c
    assert not succession.surprised
    succession.settle(b)
    assert state.calls == []


def test_behind_a_closed_queue_comes_what_is_likely(items, state):
    a, b, _ = items
    succession = NextItem(Inventory(*items))
    succession.assigned({"items": ["a"], "next": "b"})
    assert succession.follow(a, deque()) is b
    succession.follow(b, deque())
    assert not succession.surprised
    succession.settle(b)
    assert state.calls == []


def test_nothing_is_likely(items):
    a, b, c = items
    succession = NextItem(Inventory(*items))
    succession.assigned({"items": ["a"], "next": "c"})
    succession.assigned({"items": ["b"]})
    assert succession.follow(a, deque([b])) is b
    assert succession.follow(b, deque()) is None
    succession.follow(c, deque())
    assert not succession.surprised


def test_another_than_was_expected_settles_once(items, state):
    a, _, c = items
    succession = NextItem(Inventory(*items))
    succession.assigned({"items": ["a"], "next": "b"})
    succession.follow(a, deque())
    succession.follow(c, deque())
    assert succession.surprised
    succession.settle(c)
    succession.settle(c)
    assert state.calls == [c]


def test_what_fails_then_fails_in_the_set_up_of_that_test():
    state = State(fails=True)
    a, b, c = (Item(name, state) for name in "abc")
    succession = NextItem(Inventory(a, b, c))
    succession.assigned({"items": ["a"], "next": "b"})
    succession.follow(a, deque())
    succession.follow(c, deque())
    with pytest.raises(RuntimeError, match="in a fixture"):
        succession.settle(c)
    succession.settle(c)  # its stack was emptied all the same


def test_what_another_worker_has_is_not_likely(items):
    succession = NextItem(Inventory())
    succession.assigned({"items": ["a"], "next": "b"})
    assert succession.follow(items[0], deque()) is None
