"""What of a process acts when it is freed: flushes a file that nobody closed, calls ``__del__``, runs a library's destructor.

Where there is nothing of that kind, nobody but the clock notices whether a process collects and frees at its end
(finalizers.py). In doubt something acts. Not seen: what C code was told by ctypes (``Py_AtExit``, destructors of capsules).
"""

from __future__ import annotations

import gc
import re
import socket
import subprocess
import sys
import warnings
import weakref
from importlib.machinery import ExtensionFileLoader
from itertools import compress
from types import AsyncGeneratorType, BuiltinFunctionType, CoroutineType, FunctionType, GeneratorType, ModuleType
from typing import Any, cast

from trun_worker.system import open_files
from trun_worker.system.kinds import bases_of, module_of, name_of, own_names
from trun_worker.system.open_files import has_named_files, is_stream

#: Types that can be a part of a cycle have this flag; instances of others are not among the collector's objects.
_COLLECTED = 1 << 14
#: Modules whose types, written in C, do something when they are freed: connections are closed.
_C_MODULES = frozenset({"psycopg2.extensions"})
#: The same, where they have a file: in memory nobody misses what was not committed, and of a file a journal may be left.
_DATABASES = frozenset({"sqlite3", "_sqlite3"})
#: Packages whose extensions have objects with nothing but memory to free: no handle, buffer or callback of the user's.
_IDLE_EXTENSIONS = frozenset(
    """aiohttp _argon2_cffi_bindings backports.zstd bcrypt blake3 _brotli bson cbor2 _cffi_backend charset_normalizer
    ciso8601 contourpy coverage cryptography frozenlist google._upb greenlet hiredis httptools hypothesis immutables
    jellyfish jiter kiwisolver Levenshtein lxml markupsafe mmh3 msgpack msgspec multidict nh3 numpy orjson pandas PIL propcache
    psutil psycopg2 pydantic_core pymongo rapidfuzz regex rpds simplejson sqlalchemy _time_machine tornado ujson watchfiles
    websockets wrapt xxhash yaml yarl zope.interface zstandard""".split()
)
#: What mypyc makes of a distribution's modules: types as Python's own, with their finalizers among their attributes.
_MADE_BY_MYPYC = re.compile(r"[0-9a-f]{20}__mypyc")
#: The only types of such extensions whose objects act: what ``ffi.gc`` has made calls a function of the user's, what writes XML
#: writes its end.
_ACTING_TYPES = frozenset(
    {("_cffi_backend", "CDataGCP"), ("_cffi_backend", "__CDataGCP"), ("lxml.etree", "_IncrementalFileWriter")}
)
#: Whose callbacks of weak references only remove an entry.
_WEAK_CONTAINERS = frozenset(
    """_weakrefset logging sqlalchemy.event.registry sqlalchemy.orm.clsregistry sqlalchemy.orm.decl_base sqlalchemy.orm.state
    sqlalchemy.util._collections trio._core._ki weakref""".split()
)
#: Modules whose finalizers only close what is open and complain of it, and the attribute that tells.
_CLOSED_BY = {"anyio.streams.memory": "_closed", "asyncio.base_events": "_closed", "asyncio.unix_events": "_closed"}
#: Modules whose streams write to memory: nobody can read it when they are freed.
_IN_MEMORY = frozenset({"click.testing", "typer.testing"})
#: What they leave unfinished does nothing that is seen when it is closed.
_MACHINERY = frozenset("_pytest anyio httpcore httpcore2 httpx httpx2 pluggy trun_worker".split())
#: (module, function): what waits at the last statement. certifi opens a file of its own so for as long as the process lives.
_NOTHING_FOLLOWS = frozenset(
    (module, "_") for module in ("importlib._common", "importlib.resources._common", "importlib_resources._common")
)
#: What can be suspended, by the prefix of its attributes.
_SUSPENDED: dict[type, str] = {GeneratorType: "gi", CoroutineType: "cr", AsyncGeneratorType: "ag"}
#: Who imports one of these may have further interpreters, or objects that are nowhere to be seen.
_UNSEEN = frozenset({"_interpreters", "_xxsubinterpreters", "_gdbm", "_dbm", "_tkinter"})
#: Their attributes are those of what they stand for.
_PROXIES = (weakref.ProxyType, weakref.CallableProxyType)
#: The kernel closes its descriptor.
_PASSIVE = frozenset({socket.socket})


class Look:
    """A look at all objects in the collector's sight. Who looks again looks at those that have come into sight since, and at
    those that may have something to do by now."""

    def __init__(self) -> None:
        self._kinds: set[type] = set()
        self._acting: set[type] = set()
        self._watched: list[Any] = []

    def first_left(self) -> object | None:
        """The first thing of this process that acts when it is freed, or that keeps one from knowing: a module, a type.
        None: there is nothing."""
        if _somebody_looks() or _has_unseen():
            return sys
        foreign = next(filter(_is_foreign, list(sys.modules.values())), None)
        if foreign is not None:
            return foreign
        objects = gc.get_objects()
        kinds = self._kinds.union(map(type, objects))
        bases = {base for kind in kinds for base in bases_of(kind)}
        acting_modules = _C_MODULES | _DATABASES if has_named_files() else _C_MODULES
        unknown = next((base for base in bases if _is_unknown(base, acting_modules)), None)
        if unknown is not None:
            return unknown
        of_bases = {base for base in bases if "__del__" in own_names(base) or _is_greenlets_own(base)}
        acting = {kind for kind in kinds if not of_bases.isdisjoint(bases_of(kind))}.union(_PROXIES).difference(
            _PASSIVE
        )
        changed = next(iter((acting - self._acting) & self._kinds), None)
        if changed is not None:
            return changed  # its instances were not kept in view
        watched = acting.union(kind for kind in kinds if issubclass(kind, (type, weakref.ReferenceType)))
        self._watched += compress(objects, map(watched.__contains__, map(type, objects)))
        self._kinds, self._acting = kinds, acting
        for thing in self._watched:
            if still_acts(thing, type(thing) in acting):
                return cast("object", thing)
        return None


def still_acts(thing: Any, has_finalizer: bool = True) -> bool:
    """Whether a thing that may act when it is freed still has something to do."""
    kind = type(thing)  # isinstance() asks the thing for its class
    if issubclass(kind, ModuleType) or (issubclass(kind, type) and _acts_unseen(thing)):
        return True
    if issubclass(kind, weakref.ReferenceType) and not _only_removes(thing):
        return True
    return has_finalizer and not _is_idle(thing)


def _somebody_looks() -> bool:
    """Whether somebody is told of what is freed: warnings of what was not closed, a debugger, a profiler."""
    flags = sys.flags
    told = sys.warnoptions or flags.dev_mode or flags.verbose or not _hides_resource_warnings()
    return bool(told) or sys.gettrace() is not None or sys.getprofile() is not None


def _hides_resource_warnings() -> bool:
    for action, message, category, module, _ in warnings.filters:
        if issubclass(ResourceWarning, category):
            return action == "ignore" and message is None and module is None
    return False


def _has_unseen() -> bool:
    """Whether there may be objects that act and are not among the collector's: further interpreters', and those of C modules
    whose types take no part in collections."""
    if not _UNSEEN.isdisjoint(sys.modules):
        return True
    connection: Any = getattr(sys.modules.get("_sqlite3"), "Connection", None)
    if connection is None or connection.__flags__ & _COLLECTED:
        return False
    return has_named_files()  # before Python 3.10


def _is_foreign(module: object) -> bool:
    """Whether it is an extension that did not come with Python: nobody knows what its objects do."""
    spec = getattr(module, "__spec__", None)
    if not isinstance(getattr(spec, "loader", None), ExtensionFileLoader):
        return False
    parts = str(getattr(spec, "name", "")).split(".")
    if parts[0] in _IDLE_EXTENSIONS or ".".join(parts[:2]) in _IDLE_EXTENSIONS or _MADE_BY_MYPYC.fullmatch(parts[0]):
        return False
    origin = str(getattr(spec, "origin", ""))
    return "lib-dynload" not in origin or not origin.startswith((sys.base_prefix + "/", sys.base_exec_prefix + "/"))


def _is_unknown(kind: type, acting_modules: frozenset[str]) -> bool:
    """Whether it is a type of C whose objects act though they have no finalizer."""
    return module_of(kind) in acting_modules or (module_of(kind), name_of(kind)) in _ACTING_TYPES


def _is_idle(thing: Any) -> bool:
    """Whether an object whose type has a finalizer has nothing left to do."""
    if type(thing) in _PROXIES:
        return not gc.get_referents(thing)  # a callback is all that one refers to
    if type(thing) in _SUSPENDED:
        return _is_quiet(thing, _SUSPENDED[type(thing)])
    if _is_greenlet(type(thing)):
        return not _is_suspended(thing)
    if is_stream(type(thing)) and open_files.is_idle(thing):
        return True
    if _is_database(type(thing)):
        return True  # with a file its type would be unknown; from Python 3.12 on it warns, which nobody is shown
    if type(thing) is subprocess.Popen:
        return thing.returncode is not None
    module = type(thing).__module__
    if module in _CLOSED_BY:
        return vars(thing).get(_CLOSED_BY[module]) is True
    if module == "_asyncio":
        # Its futures and tasks complain of an exception that nobody has seen, and that they are not done.
        return thing.done() and not thing._log_traceback
    if module == "trio":
        return type(thing).__name__ == "Nursery" and not thing._children
    if module == "tempfile":
        return type(thing).__name__ == "SpooledTemporaryFile"  # what it writes to is another object
    return module in _IN_MEMORY or _package(module) in _MACHINERY


def _is_quiet(suspended: Any, prefix: str) -> bool:
    """Whether nothing runs when it is closed; of a coroutine that nobody has awaited Python complains."""
    frame = getattr(suspended, prefix + "_frame")
    if frame is None:
        return True
    # From Python 3.11 on; of an asynchronous generator from 3.12 on.
    waits = getattr(suspended, prefix + "_suspended", None)
    begun = frame.f_lasti >= 0 if waits is None else waits or getattr(suspended, prefix + "_running")
    if not begun and prefix != "cr":
        return True
    module = frame.f_globals.get("__name__")
    return bool(begun) and (_package(module) in _MACHINERY or (module, frame.f_code.co_name) in _NOTHING_FOLLOWS)


def _only_removes(reference: Any) -> bool:
    callback = getattr(reference, "__callback__", None)
    if callback is None:
        return True
    if isinstance(reference, weakref.WeakMethod):
        cells = dict(zip(callback.__code__.co_freevars, callback.__closure__))
        return cells["callback"].cell_contents is None
    if isinstance(callback, BuiltinFunctionType):
        # It is that of a threading.local, which forgets what a thread had in it.
        return callback.__name__ == "clear_locals" or isinstance(callback.__self__, weakref.ReferenceType)
    return getattr(callback, "__module__", None) in _WEAK_CONTAINERS


def _acts_unseen(kind: type) -> bool:
    """Whether instances have a finalizer and are not among the collector's objects."""
    return not kind.__flags__ & _COLLECTED and isinstance(own_names(kind).get("__del__"), FunctionType)


def _is_database(kind: type) -> bool:
    """Whether a finalizer, if there is one, is sqlite3's own."""
    finalizers = [own_names(base)["__del__"] for base in bases_of(kind) if "__del__" in own_names(base)]
    return any(module_of(base) in _DATABASES for base in bases_of(kind)) and not any(
        isinstance(each, FunctionType) for each in finalizers
    )


def _is_greenlet(kind: type) -> bool:
    return any(map(_is_greenlets_own, bases_of(kind)))


def _is_greenlets_own(kind: type) -> bool:
    return (module_of(kind), name_of(kind)) == ("greenlet", "greenlet")


def _is_suspended(greenlet: Any) -> bool:
    """Whether it has begun and waits: it is ended by an exception in it. The first of a thread is the thread itself."""
    own = next(own_names(base) for base in bases_of(type(greenlet)) if name_of(base) == "greenlet")
    return bool(own["__bool__"](greenlet)) and own["parent"].__get__(greenlet) is not None


def _package(module: object) -> str:
    return module.partition(".")[0] if isinstance(module, str) else ""
