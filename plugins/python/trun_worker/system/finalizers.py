"""The last garbage collections of a process, and the freeing of all that it holds: left out where nobody can tell.

pytest collects when a session is over, and an interpreter that exits collects all that it holds, three times over, and frees it:
for 10,000 items that is half a second. What it holds is looked at (acting.py), and in doubt all is done.
"""

from __future__ import annotations

import gc
import sys
import weakref
from collections.abc import Callable

from trun_worker.kernel import KERNEL
from trun_worker.system import garbage
from trun_worker.system.acting import Look, still_acts

#: What kept a process from being spared its collections: while it acts, there is no need to look again.
_left: Callable[[], object] = lambda: None  # noqa: E731
#: The look at what was put out of sight since nothing of it acts, and how many objects that were.
_spared: tuple[Look, int] | None = None
#: The look at what was put out of sight while there was nothing to do, and nothing of it acts.
_ahead: Look | None = None
#: Objects made since a collection, less those that are gone again: fewer are hardly any.
_HARDLY_ANY = 1000
#: How many collections there were of each generation, right after pytest's last one of all.
_collections: tuple[int, ...] = ()


def look_ahead() -> None:
    """While there is nothing else to do: what is there by now need not be looked at when the session is over."""
    global _ahead
    look = Look()
    with garbage.all_in_sight():
        _ahead = look if _nothing_left(look) else None


def spare_collections() -> None:
    """Once the session is over: put everything out of the collector's sight, where nobody can tell."""
    global _spared
    if _ahead is not None and garbage.release():
        look = _ahead
    else:
        garbage.thaw()
        look = Look()
        if garbage.has_frozen():
            return
    if _nothing_left(look):
        gc.freeze()
        _spared = look, gc.get_freeze_count()
    else:
        gc.unfreeze()


def may_be_left_out() -> bool:
    """At the very end: whether nobody can tell if all that is there is freed. What has changed since the session was over counts,
    and what the user has put out of sight cannot be looked at."""
    garbage.thaw()
    look = Look()
    if _spared is not None and gc.get_freeze_count() <= _spared[1]:
        look = _spared[0]
    elif _spared is not None:
        gc.unfreeze()
    elif garbage.has_frozen():
        return False
    if not _nothing_left(look):
        return False
    gc.freeze()
    # Array iterators of numpy's write back what they hold, and are not among the collector's objects. In memory of this process
    # alone nobody sees that.
    return "numpy" not in sys.modules or not _shares_memory()


def _shares_memory() -> bool:
    """Whether memory that others see, or a file, is mapped for writing; the engine's pages do not count."""
    try:
        lines = [line.split(maxsplit=5) for line in KERNEL.read_all("/proc/self/maps").splitlines()]
    except OSError:
        return True
    shared = [fields[5:] for fields in lines if fields[1][1:2] == b"w" and fields[1][3:4] == b"s"]
    return any(not path or not path[0].startswith(b"/memfd:trun-") for path in shared)


def _nothing_left(look: Look) -> bool:
    global _left
    try:
        known = _left()
        if known is not None and still_acts(known):
            return False
        left = look.first_left()
        # Who looks now, at warnings say, may not look at the next time: sys is not kept.
        if left is not None and left is not sys:
            _left = weakref.ref(left)
    except Exception:  # whatever state the program has left its modules in: the interpreter knows how to end
        return False
    return left is None


def collect_no_more_than_needed() -> None:
    """Have pytest's collections at the end of a session end with one that finds nothing: the rest of five finds no more.

    Each visits all objects, and a suite may run sessions within its own (pytester): what such a session leaves is younger than
    what is out of sight. Who has replaced pytest's function keeps what is there.
    """
    try:
        from _pytest import unraisableexception  # boot.py imports this module before pytest

        harder = unraisableexception.gc_collect_harder
    except (ImportError, AttributeError):  # before pytest 8.4
        return
    if harder.__module__ == unraisableexception.__name__:
        unraisableexception.gc_collect_harder = _collect_harder


def _collect_harder(iterations: int) -> None:
    """pytest 9.2 calls this twice while it unconfigures. Hardly anything is made in between, so the second call looks at young
    objects first, and at all only if there was garbage among them. Not seen: an old cycle that another cleanup let go in between.
    """
    global _collections
    if iterations < 1:
        return
    if _collections == garbage.collections() and gc.get_count()[0] < _HARDLY_ANY and garbage.collect_in_sight(0) == 0:
        _collections = garbage.collections()
        return
    for _ in range(iterations):
        if garbage.collect_in_sight() == 0:
            break
    _collections = garbage.collections()
