"""When garbage is collected in trun's processes: not where it costs each worker time and memory, and so that no test can tell.

After collecting, everything is put out of the collector's sight (``gc.freeze``): a full collection would visit all items each
time, and write to pages that workers share. Who asks the module ``gc`` for a function that could tell gets everything back first,
and for good: these functions are properties of the module's class for as long as nobody has asked.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

_freeze, _unfreeze, _frozen_objects = gc.freeze, gc.unfreeze, gc.get_freeze_count
#: Collects what is in sight, and brings nothing back.
collect_in_sight = gc.collect
_get_stats = gc.get_stats
#: Whose results differ, or whose effects.
_TELLING = ("collect", "get_objects", "get_referrers", "freeze", "unfreeze", "get_freeze_count", "get_stats")
#: They look at each attribute of each module for functions of theirs, and keep none of these.
_SCANNERS = frozenset({"freezegun.api"})
#: Python 3.12 itself puts some hundreds of immortal objects out of sight (``update_refs`` in Modules/gcmodule.c).
_FROZEN_BY_PYTHON = 2000 if sys.version_info[:2] == (3, 12) else 0
#: Of warnings, those that come when garbage is freed: "" stands for all.
_OF_GARBAGE = frozenset(
    {"", "Warning", "ResourceWarning", "UserWarning", "PytestWarning", "PytestUnraisableExceptionWarning"}
)
_is_frozen = False
_was_enabled = False


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
    if _is_frozen:
        _unfreeze()
        _is_frozen = False
    gc.__class__ = ModuleType


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
        self._in_sight = False

    def begin(self, in_sight: bool = False) -> None:
        """``in_sight``: all stays the collector's. The more that is, the less often all of it is visited (a quarter must be new),
        and so what a failed test has left is freed as late as under pytest: mostly when the session is over."""
        self._in_sight = in_sight
        if self._thresholds is None:
            self._thresholds = gc.get_threshold()
            gc.set_threshold(0, *self._thresholds[1:])

    def end(self) -> None:
        """Go on as before ``begin``. Nothing where it has not begun."""
        if self._thresholds is None:
            return
        if not self._in_sight:
            _freeze_or_age()
        elif gc.isenabled():
            collect_in_sight()  # as often as it happens while pytest collects: from here on the collector knows how much there is
        if gc.get_threshold()[0] == 0:
            gc.set_threshold(*self._thresholds)
        self._thresholds = None


def _telling(name: str) -> property:
    original = getattr(gc, name)

    def get(module: ModuleType) -> Any:
        if _asker() not in _SCANNERS:
            thaw()
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
            locals()[_name] = _telling(_name)
    del _name


_Watched.__name__ = _Watched.__qualname__ = ModuleType.__name__
