import gc
import weakref


class Node:
    pass


def cycle():
    one, two = Node(), Node()
    one.other, two.other = two, one
    return weakref.ref(one), [one]


REFERENCE, HELD = cycle()
SEEN = Node()


def test_seen_by_gc():
    assert any(thing is SEEN for thing in gc.get_objects())


def test_collected():
    HELD.clear()
    gc.collect()
    assert REFERENCE() is None
