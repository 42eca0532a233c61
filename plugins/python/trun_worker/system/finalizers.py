"""The last garbage collections of a process, and whether anything could tell that they did not happen.

pytest collects when a session is over, and an interpreter that exits collects all that it holds, three times over: for 10,000
items that is half a second. It is what flushes a file that nobody closed, calls ``__del__`` and runs the destructors of
libraries. Where there is nothing of that kind, nobody but the clock notices whether it was done: the process then ends without
freeing what it holds (``process.end``). What is there is looked at, and in doubt all is done.
"""

from __future__ import annotations

import gc
import io
import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Callable
from contextlib import suppress
from importlib.machinery import ExtensionFileLoader
from types import BuiltinFunctionType, FunctionType, GeneratorType
from typing import Any, cast

from trun_worker.system import garbage

#: Types that can be a part of a cycle have this flag; instances of others are not among the collector's objects.
_COLLECTED = 1 << 14
#: Modules of the standard library whose types, written in C, do something when they are freed.
_C_MODULES = frozenset({"sqlite3", "_sqlite3", "_gdbm", "_dbm", "_tkinter"})
#: Packages whose extensions have objects with nothing but memory to free: no handle, buffer or callback of the user's.
_IDLE_EXTENSIONS = frozenset(
    """_brotli _time_machine backports.zstd bcrypt bson cbor2 charset_normalizer coverage frozenlist google._upb httptools
    hypothesis immutables jiter markupsafe msgpack msgspec multidict numpy orjson propcache psutil pydantic_core rapidfuzz
    regex rpds simplejson sqlalchemy tornado ujson websockets xxhash yaml yarl zope.interface""".split()
)
#: Whose callbacks of weak references only remove an entry.
_WEAK_CONTAINERS = frozenset({"weakref", "_weakrefset", "logging", "trio._core._ki"})
#: Modules whose finalizers only close what is open and complain of it, and the attribute that tells.
_CLOSED_BY = {"anyio.streams.memory": "_closed", "asyncio.base_events": "_closed", "asyncio.unix_events": "_closed"}
#: What they leave unfinished does nothing when it is closed.
_MACHINERY = frozenset({"_pytest", "pluggy", "trun_worker"})
#: Who imports one of these may have further interpreters, whose objects are nowhere to be seen.
_INTERPRETERS = frozenset({"_interpreters", "_xxsubinterpreters"})
#: They hold no data back, or nothing but what was read; the kernel closes their descriptors.
_PASSIVE = (io.BytesIO, io.StringIO, io.FileIO, io.BufferedReader, socket.socket)
_null = os.stat(os.devnull).st_rdev
_fstat = os.fstat
#: What kept a process from being spared its collections: while it is there, there is no need to look again.
_left: Callable[[], object] = type(None)


def spare_collections() -> bool:
    """Put everything out of the collector's sight, where nobody can tell. Once the session is over, and at the very end.

    Returns whether nobody can tell, which says as much of freeing all that is there.
    """
    global _left
    garbage.thaw()
    try:
        if _left() is not None:
            return False
        left = first_left()
        if left is None:
            gc.freeze()
        else:
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
    for _ in range(iterations):
        if garbage.collect_in_sight() == 0:
            break


def first_left() -> object | None:
    """The first thing of this process that acts when it is freed, or that keeps one from knowing: a module, a type. None: there
    is nothing."""
    if (
        sys.warnoptions
        or sys.flags.dev_mode
        or sys.flags.verbose
        or sys.gettrace() is not None
        or sys.getprofile() is not None
    ):
        return sys
    if not _INTERPRETERS.isdisjoint(sys.modules):
        return sys
    foreign = next(filter(_is_foreign, list(sys.modules.values())), None)
    if foreign is not None:
        return foreign
    objects = gc.get_objects()
    kinds = set(map(type, objects))
    unknown = next((kind for kind in kinds if _module(kind) in _C_MODULES), None)
    if unknown is not None:
        return unknown
    acting = {kind for kind in kinds if hasattr(kind, "__del__")}.difference(_PASSIVE)
    references = {kind for kind in kinds if issubclass(kind, weakref.ReferenceType)}
    metaclasses = {kind for kind in kinds if issubclass(kind, type)}
    watched = {*metaclasses, *acting, *references}
    for thing in [thing for thing in objects if type(thing) in watched]:
        kind = type(thing)
        if kind in metaclasses:
            idle = not _acts_unseen(thing)
        elif kind in references:
            idle = _only_removes(thing)
        else:
            idle = _is_idle(thing)
        if not idle:
            return cast("object", thing)
    return None


def _is_foreign(module: object) -> bool:
    """Whether it is an extension that did not come with Python: nobody knows what its objects do."""
    spec = getattr(module, "__spec__", None)
    if not isinstance(getattr(spec, "loader", None), ExtensionFileLoader):
        return False
    parts = str(getattr(spec, "name", "")).split(".")
    if parts[0] in _IDLE_EXTENSIONS or ".".join(parts[:2]) in _IDLE_EXTENSIONS:
        return False
    origin = str(getattr(spec, "origin", ""))
    return "lib-dynload" not in origin or not origin.startswith((sys.base_prefix + "/", sys.base_exec_prefix + "/"))


def _is_idle(thing: Any) -> bool:
    """Whether an object whose type has a finalizer has nothing left to do."""
    if isinstance(thing, GeneratorType):
        frame = thing.gi_frame
        return frame is None or not _has_begun(thing) or _package(frame.f_globals.get("__name__")) in _MACHINERY
    if isinstance(thing, subprocess.Popen):
        return thing.returncode is not None
    module = type(thing).__module__
    if module == "_io":
        return not _holds_back(thing)
    if module in _CLOSED_BY:
        return vars(thing).get(_CLOSED_BY[module]) is True
    return _package(module) in _MACHINERY


def _has_begun(generator: Any) -> bool:
    waits = getattr(generator, "gi_suspended", None)  # from Python 3.11 on
    return bool(generator.gi_frame.f_lasti >= 0 if waits is None else waits or generator.gi_running)


def _holds_back(file: Any) -> bool:
    """Whether an open file may have data that were not written yet. The standard streams are flushed at the end."""
    with suppress(OSError, ValueError):
        return not (file.closed or not file.writable() or file.fileno() <= 2 or _fstat(file.fileno()).st_rdev == _null)
    return True


def _only_removes(reference: Any) -> bool:
    callback = getattr(reference, "__callback__", None)
    if callback is None:
        return True
    if isinstance(callback, BuiltinFunctionType):
        # It is that of a threading.local, which forgets what a thread had in it.
        return callback.__name__ == "clear_locals" or isinstance(callback.__self__, weakref.ReferenceType)
    return getattr(callback, "__module__", None) in _WEAK_CONTAINERS


def _acts_unseen(kind: type) -> bool:
    """Whether instances have a finalizer and are not among the collector's objects."""
    return not kind.__flags__ & _COLLECTED and isinstance(vars(kind).get("__del__"), FunctionType)


def _package(module: object) -> str:
    return module.partition(".")[0] if isinstance(module, str) else ""


def _module(kind: type) -> str:
    found = vars(kind).get("__module__", "")
    return found if isinstance(found, str) else ""
