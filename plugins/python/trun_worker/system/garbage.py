"""When garbage is collected in trun's processes: not where it costs each worker time and memory, and so that no test can tell.

After collecting, everything is put out of the collector's sight (``gc.freeze``): a full collection would visit all items each
time, and write to pages that workers share. Who asks the module ``gc`` for a function that could tell gets everything back first,
and for good: these functions are properties of the module's class for as long as nobody has asked.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from types import ModuleType
from typing import Any

_freeze, _unfreeze, _frozen_objects = gc.freeze, gc.unfreeze, gc.get_freeze_count
#: Collects what is in sight, and brings nothing back.
collect_in_sight = gc.collect
_get_stats, _get_threshold, _set_threshold = gc.get_stats, gc.get_threshold, gc.set_threshold
_get_objects, _callbacks = gc.get_objects, gc.callbacks
#: Whose results differ, or whose effects.
_TELLING = ("collect", "get_objects", "get_referrers", "freeze", "unfreeze", "get_freeze_count", "get_stats")
_THRESHOLDS = ("get_threshold", "set_threshold")
#: They look at each attribute of each module for functions of theirs, and keep none of these.
_SCANNERS = frozenset({"freezegun.api"})
#: They add a function of theirs to ``gc.callbacks``, beside others.
_LISTENERS = frozenset({"hypothesis.internal.conjecture.junkdrawer"})
#: Python 3.12 itself puts some hundreds of immortal objects out of sight (``update_refs`` in Modules/gcmodule.c).
_FROZEN_BY_PYTHON = 2000 if sys.version_info[:2] == (3, 12) else 0
#: Of warnings, those that come when garbage is freed: "" stands for all.
_OF_GARBAGE = frozenset(
    {"", "Warning", "ResourceWarning", "UserWarning", "PytestWarning", "PytestUnraisableExceptionWarning"}
)
#: The oldest generation is collected after so many collections of the one before it: not at all.
_NEVER = 2**30
#: So many times all that there was is new: then garbage may be much of it.
_MANY = 2
_is_frozen = False
_was_enabled = False
_pace: Pace | None = None


def fails_tests(filters: Iterable[str]) -> bool:
    """Whether a filter of warnings (``error::ResourceWarning``) has a test fail during which garbage is freed unclosed."""
    for each in [*filters, *sys.warnoptions]:
        action, _, category, *_ = (field.strip() for field in f"{each}::".split(":"))
        if action and "error".startswith(action) and category.rpartition(".")[2] in _OF_GARBAGE:
            return True
    return False


def collections() -> tuple[int, ...]:
    """How many there were so far, of each generation."""
    return tuple(each["collections"] for each in _get_stats())


def watch() -> None:
    """From here on who asks is noticed. Before anything of the user's is imported, who may keep a function for later."""
    gc.__class__ = _Watched


def thaw() -> None:
    """Everything is the collector's again, and stays it."""
    global _is_frozen
    _end_pace()
    if _is_frozen:
        _unfreeze()
        _is_frozen = False
    gc.__class__ = ModuleType


def release() -> bool:
    """Nobody who asks is noticed from here on, and what is out of sight stays there. Returns whether trun has put it there."""
    global _is_frozen
    _end_pace()
    was_frozen, _is_frozen = _is_frozen, False
    gc.__class__ = ModuleType
    return was_frozen


@contextmanager
def all_in_sight() -> Generator[None, None, None]:
    """For a moment, in which nobody is noticed, and out of sight after it."""
    kind = type(gc)
    gc.__class__ = ModuleType
    if _is_frozen:
        _unfreeze()
    try:
        yield
    finally:
        gc.__class__ = kind
        _freeze_or_age()


def has_frozen() -> bool:
    """Whether somebody has put what is there out of the collector's sight."""
    return _frozen_objects() > _FROZEN_BY_PYTHON


def _freeze_or_age() -> None:
    """What is there is old from now on, or out of sight: the next small collection would visit it all."""
    global _is_frozen
    if has_frozen():
        return  # the user, who also decides when that ends
    _freeze()
    if type(gc) is _Watched:
        _is_frozen = True
    else:
        _unfreeze()


def hold() -> None:
    """From here on this process only forks: a collection would write to the pages of all its objects."""
    global _was_enabled
    _was_enabled = _was_enabled or gc.isenabled()
    gc.disable()


def resume() -> None:
    """In a fork of such a process: as it was before."""
    global _was_enabled
    if _was_enabled:
        gc.enable()
    _was_enabled = False


class CollectingPause:
    """No garbage collection while test files are imported and items are made, nearly all of which stay: it was a sixth of the
    time of collecting. By the threshold: what the user's code does with ``gc.enable`` and ``gc.disable`` meanwhile stands."""

    def __init__(self) -> None:
        self._thresholds: tuple[int, int, int] | None = None
        self._paced = False

    def begin(self, paced: bool = False) -> None:
        """``paced``: from the end on, old garbage is freed as seldom as under pytest (class Pace)."""
        self._paced = paced
        if self._thresholds is None:
            self._thresholds = _get_threshold()
            _set_threshold(0, *self._thresholds[1:])

    def end(self) -> None:
        """Go on as before ``begin``. Nothing where it has not begun."""
        global _pace
        if self._thresholds is None:
            return
        _freeze_or_age()
        if _get_threshold()[0] == 0:
            _set_threshold(*self._thresholds)
        if self._paced and _is_frozen and _get_threshold()[-1] > 0:  # 0: Python 3.14, which collects it bit by bit
            _pace = Pace()
        self._thresholds = None


class Pace:
    """When everything is collected though most of what there is is out of sight: where pytest would mostly do so, and not in a
    test that has to do with none of the garbage.

    The interpreter collects its oldest generation once a quarter of it is new, of what has survived there, and under pytest that
    is mostly where a failure is reported: whole files are parsed there. It counts what is in sight only, a few objects
    (``gc_collect_generations`` in Modules/gcmodule.c, ``long_lived_total`` and ``long_lived_pending``). So the threshold is out
    of reach, survivors are counted here, and a failed test collects when that is due; another one where there are many more.
    """

    def __init__(self) -> None:
        self._own = _get_threshold()
        self._young = self._new = self._all = 0
        self._begin()
        _callbacks.append(self._heard)

    def _begin(self) -> None:
        self._new, self._all = 0, _frozen_objects() + len(_get_objects(generation=2))
        self._set(_NEVER)

    def _heard(self, phase: str, info: dict[str, int]) -> None:
        """A collection is about to begin, or is over."""
        if info["generation"] == 1:
            if phase == "start":
                self._young = len(_get_objects(generation=0)) + len(_get_objects(generation=1))
                return
            self._new += self._young - info["collected"]
            if self._new >= _MANY * self._all:
                self._set(self._own[-1])
        elif info["generation"] == 2 and phase == "start":
            _unfreeze()  # whoever collects everything, gc.collect() included, sees everything
        elif info["generation"] == 2:
            _freeze()
            self._begin()

    def test_failed(self) -> None:
        if self._new >= self._all // 4:
            collect_in_sight()

    def end(self) -> None:
        """The next collection of everything is due when the collector thinks so."""
        _callbacks.remove(self._heard)
        self._set(self._own[-1])

    def _set(self, oldest: int) -> None:
        if _get_threshold()[:-1] == self._own[:-1]:  # else they are the user's by now
            _set_threshold(*self._own[:-1], oldest)


def test_failed() -> None:
    """Its failure has been reported: what tests before it have left may be freed."""
    if _pace is not None:
        _pace.test_failed()


def _end_pace() -> None:
    global _pace
    if _pace is not None:
        _pace.end()
        _pace = None


def _telling(name: str, undo: Callable[[], None], harmless: frozenset[str] = _SCANNERS) -> property:
    original = getattr(gc, name)

    def get(module: ModuleType) -> Any:
        # With a pace, a collection that somebody asks for sees everything (class Pace).
        if _asker() not in harmless and (name != "collect" or _pace is None):
            undo()
        return original

    def put(module: ModuleType, value: Any) -> None:
        thaw()
        setattr(module, name, value)

    def remove(module: ModuleType) -> None:
        thaw()
        delattr(module, name)

    return property(get, put, remove)


def _asker() -> object:
    """The module whose code asks for an attribute; None: no code of Python's does."""
    try:
        return sys._getframe(2).f_globals.get("__name__")
    except ValueError:
        return None


class _Watched(ModuleType):
    """What ``gc`` is an instance of while nobody has asked. Properties go before what is in the module's own dictionary."""

    __module__ = ModuleType.__module__

    for _name in _TELLING:
        if hasattr(gc, _name):
            locals()[_name] = _telling(_name, thaw)
    for _name in _THRESHOLDS:
        locals()[_name] = _telling(_name, _end_pace)
    del _name
    callbacks = _telling("callbacks", _end_pace, _SCANNERS | _LISTENERS)


_Watched.__name__ = _Watched.__qualname__ = ModuleType.__name__
