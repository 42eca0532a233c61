"""Recorders over what leaves no trace in the kernel: the environment's variables that differ from worker to worker, the number
of the process, and what random generators give. They are in place while imports are watched, and gone after.
"""

from __future__ import annotations

import os
import random
import socket
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from trun_worker.observe import origins
from trun_worker.observe.global_random import GlobalRandom

Note = Callable[[str, "tuple[str, int] | None"], None]

Whose = Callable[[Any], "tuple[str, int] | None"]

#: What xdist's workers know and its controller does not.
_XDIST = frozenset({"PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"})
#: trun's own begin so.
_TRUN = "TRUN_"

_Environ: Any = type(os.environ)
#: In the place of an original: the class has it from its base.
_INHERITED: Any = object()


class Recorders:
    """``note`` is told of each act and whose it was. ``per_worker``: further variables that differ from worker to worker."""

    def __init__(self, note: Note, per_worker: Iterable[str]) -> None:
        self._note = note
        self._per_worker = frozenset(per_worker) | _XDIST
        self.reads_own_variable = False
        """Somebody has read a variable that only trun's workers have: xdist's its controller's have not, either."""
        self.reads_environment = False
        """Somebody has read all variables."""
        self._originals: list[tuple[Any, str, Any]] = []
        self.random = GlobalRandom()
        #: By id, what the operating system has seeded: the generator, its state then, whose it is.
        self._generators: dict[int, tuple[random.Random, Any, tuple[str, int] | None]] = {}
        self._of_libraries: list[tuple[random.Random, Any]] = []
        self._starters: weakref.WeakKeyDictionary[threading.Thread, tuple[str, int] | None] = (
            weakref.WeakKeyDictionary()
        )

    def begin(self) -> None:
        self.random = GlobalRandom()
        self._of_libraries = [(generator, _RANDOM.getstate(generator)) for generator in list(_generators)]
        self._watch_environment()
        self._watch_generators()
        for owner, name, what, whose in _RECORDED:
            self._replace(owner, name, self._noting(getattr(owner, name, None), what, whose))
        self._watch_threads()
        self._watch_ports()

    def end(self) -> None:
        for owner, name, original in reversed(self._originals):
            if original is _INHERITED:
                delattr(owner, name)
            else:
                setattr(owner, name, original)
        self._originals.clear()
        _generators.update(generator for generator, _, _ in self._generators.values())

    def changes(self, of_libraries: bool = False) -> Iterator[str]:
        """What the state of random generators tells, after ``end``. ``of_libraries``: only libraries were to be imported.

        A number that a library draws for itself is its own affair; whoever is forked draws others.
        """
        if self.random.is_changed(of_libraries):
            yield "numbers were drawn from `random`"
        for generator, state, where in self._generators.values():
            if where is not None and _RANDOM.getstate(generator) != state:
                yield f"{origins.short(where[0])}:{where[1]} drew numbers from a random.Random()"
        # Of those that libraries have made for all who use them.
        made = [(generator, state) for generator, state, where in self._generators.values() if where is None]
        drawn = any(_RANDOM.getstate(generator) != state for generator, state in [*self._of_libraries, *made])
        if drawn and not of_libraries:
            yield "numbers were drawn from a random.Random() of a library"
        self._generators.clear()
        self._of_libraries.clear()
        if not numpy_is_untouched() and not _numpy_is_seeded():
            yield "numbers were drawn from `numpy.random`"

    def where_started(self, thread: threading.Thread) -> str:
        """Behind its name: " (started at conftest.py:4)"; "" where nobody saw it."""
        where = self._starters.get(thread)
        return "" if where is None else f" (started at {origins.short(where[0])}:{where[1]})"

    def _watch_threads(self) -> None:
        original, starters = threading.Thread.start, self._starters

        def start(thread: threading.Thread) -> None:
            starters[thread] = origins.user_at_work(sys._getframe(1))
            original(thread)

        self._replace(threading.Thread, "start", start)

    def _watch_ports(self) -> None:
        """A socket that is closed again has told nobody anything, unless somebody has asked which port the kernel gave it."""
        original, note = socket.socket.getsockname, self._note

        def getsockname(sock: socket.socket) -> Any:
            address = original(sock)
            try:
                sock.getpeername()
            except OSError:
                note("asked which port a socket got (getsockname)", origins.user_at_work(sys._getframe(1)))
            return address

        self._replace(socket.socket, "getsockname", getsockname)

    def _watch_generators(self) -> None:
        original, found = _RANDOM.seed, self._generators

        def seed(generator: random.Random, a: Any = None, version: int = 2) -> None:
            original(generator, a, version)
            found.pop(id(generator), None)
            if a is None and not _is_of_tempfile(sys._getframe(1)):
                found[id(generator)] = generator, _RANDOM.getstate(generator), origins.user_at_work(sys._getframe(1))

        self._replace(_RANDOM, "seed", seed)
        seed_all = random.seed

        def noted(a: Any = None, version: int = 2) -> None:
            self.random.compare(sys._getframe(1))
            seed_all(a, version)
            self.random.after_seed(a is not None)

        self._replace(random, "seed", noted)

    def _replace(self, owner: Any, name: str, replacement: Any) -> None:
        if hasattr(owner, name):
            self._originals.append((owner, name, vars(owner).get(name, _INHERITED)))
            setattr(owner, name, replacement)

    def _noting(self, original: Any, what: str, whose: Callable[[Any], Any]) -> Callable[..., Any]:
        def recorded(*args: Any, **kwds: Any) -> Any:
            self._note(what, whose(sys._getframe(1)))
            return original(*args, **kwds)

        recorded.__name__ = recorded.__qualname__ = getattr(original, "__name__", what)
        return recorded

    def _watch_environment(self) -> None:
        """By its class: whoever has imported ``environ`` already is heard, too."""
        get, go_through, note = _Environ.__getitem__, _Environ.__iter__, self._note
        per_worker = self._per_worker

        def __getitem__(environ: Any, key: Any) -> Any:
            name = os.fsdecode(key) if isinstance(key, (str, bytes)) else ""
            if name in per_worker or name.startswith(_TRUN):
                where = origins.caller(sys._getframe(1))
                self.reads_own_variable |= where is not None and name not in _XDIST
                note(f"read the variable {name}, which differs from worker to worker", where)
            return get(environ, key)

        def __iter__(environ: Any) -> Any:
            where = origins.user_at_work(sys._getframe(1))
            self.reads_environment |= where is not None
            note("read the whole environment, of which workers have parts of their own", where)
            return go_through(environ)

        self._replace(_Environ, "__getitem__", __getitem__)
        self._replace(_Environ, "__iter__", __iter__)


def _is_of_tempfile(frame: Any) -> bool:
    """Whether a generator is that of names for temporary files: ``tempfile`` makes another one in each process."""
    caller = frame.f_back
    return caller is not None and caller.f_globals.get("__name__") == "tempfile"


def _asked_directly(frame: Any) -> tuple[str, int] | None:
    """Not for the standard library: ``logging`` asks for every record. ``current_process().pid`` is a user's question."""
    code = frame.f_code
    if origins.is_stdlib(code.co_filename) and code.co_name != "ident":
        return None
    return origins.user_at_work(frame)


_DREW = "drew random bytes (os.urandom, uuid, secrets)"
_NAMED = "drew a name for a temporary file (tempfile.mktemp)"
#: Function by owner and name, what it is to call it, and whose call counts.
_RECORDED: tuple[tuple[Any, str, str, Whose], ...] = (
    (os, "getpid", "asked for the number of the process (os.getpid)", _asked_directly),
    (os, "urandom", _DREW, origins.user_at_work),
    (os, "getrandom", _DREW, origins.user_at_work),
    (random, "_urandom", _DREW, origins.user_at_work),
    (tempfile, "mktemp", _NAMED, origins.user_at_work),
    (threading, "get_native_id", "asked for the number of the thread (threading.get_native_id)", _asked_directly),
)

_RANDOM: Any = random.Random
#: Generators of imported modules that the operating system has seeded.
_generators: weakref.WeakSet[random.Random] = weakref.WeakSet()
#: The state that ``seed_again`` has left in numpy's.
_seeded: Any = None


def _numpys_random() -> Any:
    """Whose methods ``numpy.random``'s functions are; None where numpy is not imported."""
    return getattr(sys.modules.get("numpy.random.mtrand"), "_rand", None)


def numpy_is_untouched() -> bool:
    """Whether ``numpy.random``'s global generator is as its import made it, seeded by the operating system."""
    legacy = _numpys_random()
    if legacy is None:
        return True
    try:
        generator: Any = legacy._bit_generator
        fresh = type(generator)(generator._seed_seq).state
        return _comparable(generator.state) in (_comparable(fresh), _seeded)
    except Exception:  # a numpy that is built differently: nobody knows
        return False


def _numpy_is_seeded() -> bool:
    """Whether somebody has called ``numpy.random.seed``: it forgets whence the first seed came. Forks keep the state."""
    try:
        return _numpys_random()._bit_generator._seed_seq is None
    except Exception:  # as above
        return False


def _comparable(state: Any) -> Any:
    inner = state["state"]
    return state["bit_generator"], inner["pos"], inner["key"].tobytes()


def seed_again() -> None:
    """In a forked worker: generators that the operating system had seeded are seeded anew, as in a process that was started.

    Python does that for ``random`` itself.
    """
    global _seeded
    for generator in list(_generators):
        generator.seed()
    legacy = _numpys_random()
    if legacy is not None and numpy_is_untouched():
        bits: Any = legacy._bit_generator
        bits.state = type(bits)().state  # seed() would be taken for the user's
        _seeded = _comparable(bits.state)
