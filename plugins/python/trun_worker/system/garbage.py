"""When garbage is collected in trun's processes: not where it costs each worker time and memory, and so that no test can tell.

After collecting, everything is put out of the collector's sight (``gc.freeze``): a full collection would visit all items each
time, and write to pages that workers share. Who asks the module ``gc`` for a function that could tell gets everything back first,
and for good: these functions are properties of the module's class for as long as nobody has asked. Who only calls one of them, as
in ``gc.collect()``, can tell until the test is over.
"""

from __future__ import annotations

import gc
import sys
from opcode import opname
from types import FrameType, ModuleType
from typing import Any

_freeze, _unfreeze, _frozen_objects = gc.freeze, gc.unfreeze, gc.get_freeze_count
#: Collects what is in sight, and brings nothing back.
collect_in_sight = gc.collect
_get_stats = gc.get_stats
#: Whose results differ, or whose effects.
_TELLING = ("collect", "get_objects", "get_referrers", "freeze", "unfreeze", "get_freeze_count", "get_stats")
#: Of these a call sees what is there at that moment, and changes nothing of what is frozen.
_ONLY_LOOK = frozenset({"collect", "get_objects", "get_referrers"})
#: What stands between a function and the call of it without arguments, from Python 3.11 on.
_BETWEEN = frozenset({"CACHE", "PRECALL", "PUSH_NULL"})
_METHOD_BIT = sys.version_info >= (3, 12)
#: Python 3.12 itself puts some hundreds of immortal objects out of sight (``update_refs`` in Modules/gcmodule.c).
_FROZEN_BY_PYTHON = 2000 if sys.version_info[:2] == (3, 12) else 0
_is_frozen = False
#: They look at each attribute of each module for functions of theirs, and keep none of these.
_SCANNERS = frozenset({"freezegun.api"})
#: gevent keeps get_objects, to look for its hubs (_abstract_linkable.py).
_gevent_looks = False
#: What was out of sight is in sight until put_away().
_is_lent = False
_was_enabled = False


def collections() -> tuple[int, ...]:
    """How many there were so far, of each generation."""
    return tuple(each["collections"] for each in _get_stats())


def watch() -> None:
    """From here on who asks is noticed. Before anything of the user's is imported, who may keep a function for later."""
    gc.__class__ = _Watched


def thaw() -> None:
    """Everything is the collector's again, and stays it."""
    global _is_lent
    gc.__class__ = ModuleType
    _bring_back()
    _is_lent = False


def _bring_back() -> None:
    global _is_frozen, _is_lent
    if _is_frozen:
        _is_frozen, _is_lent = False, True
        _unfreeze()


def put_away() -> None:
    """A test is over. Nothing where nobody has looked in it."""
    global _is_lent
    if _is_lent:
        _is_lent = False
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
    if type(gc) is _Watched and not (_gevent_looks and _has_hub()):
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

    def begin(self) -> None:
        if self._thresholds is None:
            self._thresholds = gc.get_threshold()
            gc.set_threshold(0, *self._thresholds[1:])

    def end(self) -> None:
        """Go on as before ``begin``. Nothing where it has not begun."""
        if self._thresholds is None:
            return
        _freeze_or_age()
        if gc.get_threshold()[0] == 0:
            gc.set_threshold(*self._thresholds)
        self._thresholds = None


def _telling(name: str) -> property:
    original = getattr(gc, name)

    def get(module: ModuleType) -> Any:
        global _gevent_looks
        frame = sys._getframe(1)
        asker = _module_of(frame)
        if name in _ONLY_LOOK and _is_called_at_once(frame):
            _bring_back()
        elif name == "get_objects" and asker.startswith("gevent.") and not _has_hub():
            _gevent_looks = True
        elif asker not in _SCANNERS:
            thaw()
        return original

    def put(module: ModuleType, value: Any) -> None:
        thaw()
        setattr(module, name, value)

    def remove(module: ModuleType) -> None:
        thaw()
        delattr(module, name)

    return property(get, put, remove)


def _is_called_at_once(frame: FrameType) -> bool:
    """Whether the attribute that ``frame`` is loading is called, and not kept. In doubt it is kept."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if at < 0:
        return False
    name = opname[code[at]]
    # Compilers emit these for nothing else: `module.function(...)`.
    if name == "LOAD_METHOD" or (_METHOD_BIT and name == "LOAD_ATTR" and code[at + 1] & 1):
        return True
    if name != "LOAD_ATTR":
        return False
    at += 2
    while at < len(code) and opname[code[at]] in _BETWEEN:
        at += 2
    return at < len(code) and opname[code[at]] in ("CALL", "CALL_FUNCTION") and code[at + 1] == 0


def _module_of(frame: FrameType) -> str:
    """The module whose code ``frame`` runs; an extension's is run by importlib."""
    name = str(frame.f_globals.get("__name__"))
    if name == "importlib._bootstrap":
        name = next((str(getattr(each, "__name__", "")) for each in frame.f_locals.get("args", ())), "")
    return name


def _has_hub() -> bool:
    gevent: Any = sys.modules.get("gevent._hub_local")
    return gevent is not None and gevent.get_hub_if_exists() is not None


class _Watched(ModuleType):
    """What ``gc`` is an instance of while nobody has asked. Properties go before what is in the module's own dictionary."""

    __module__ = ModuleType.__module__

    for _name in _TELLING:
        if hasattr(gc, _name):
            locals()[_name] = _telling(_name)
    del _name


_Watched.__name__ = _Watched.__qualname__ = ModuleType.__name__
