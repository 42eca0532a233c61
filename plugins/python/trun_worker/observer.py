"""Watches imports for what they bind to the process: what a forked worker would lose, or share with all others.

An audit hook (``sys.addaudithook``) and light recorders see what imported code does between ``begin`` and ``end``; the process's
state before and after (``ProcessState``) says what of it is still there. It observes, and decides nothing. What a library does
for itself while it is imported counts only where it leaves something behind; what the user's modules do, counts.
"""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from trun_worker import origins
from trun_worker.process_state import ProcessState
from trun_worker.recorders import Recorders

#: Programs that only tell something of the machine or the checkout.
_ONLY_TELL = frozenset(
    "git hg svn uname which getconf ldconfig lsb_release nproc id whoami hostname locale sysctl lscpu gcc cc ld file".split()
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC

#: Names in a module's own code by which it names something after the time: ``datetime.now()``, ``time.strftime(...)``.
_TELL_THE_TIME = frozenset({"now", "utcnow", "strftime", "time_ns", "uuid1"})
_FUNCTIONS = frozenset({"strftime", "time_ns", "uuid1"})  # also without their module in front
_CLOCKS = frozenset({"datetime", "time", "dt", "timezone", "uuid", "uuid1"})

Judge = Callable[[tuple[Any, ...]], str]


class _Listener:
    """The audit hook. It cannot be taken out again: while nobody listens it is a function of C that does nothing."""

    __call__: Any = staticmethod(operator.is_)


def _hear(function: Callable[[str, Any], Any]) -> None:
    setattr(_Listener, "__call__", staticmethod(function))  # noqa: B010 (mypy takes a method for what cannot change)


_listener: _Listener | None = None
#: The observer that listens now.
_current: Observer | None = None


class Observer:
    """One per process. ``per_worker``: names of variables of the environment that differ from worker to worker."""

    def __init__(self, per_worker: Iterable[str] = ()) -> None:
        #: By place: the first of the table's acts there, and what it was.
        self._found: dict[tuple[str, int], tuple[int, str]] = {}
        self._before = ProcessState()
        self._recorders = Recorders(self.note, per_worker)
        self._listening = False

    def begin(self) -> None:
        """From now on what is imported is watched. Nothing where this already is so."""
        global _current, _listener
        if self._listening:
            return
        self._listening = True
        origins.learn_runners()
        self._before = ProcessState.now()
        self._recorders.begin()
        _current = self
        if _listener is None and hasattr(sys, "addaudithook"):
            _listener = _Listener()
            sys.addaudithook(_listener)
        _hear(_heard)

    def end(self, own: frozenset[int] = frozenset()) -> list[str]:
        """No more. Returns what was bound to the process, a sentence each. ``own``: descriptors that are pytest's or trun's.

        Empty where nobody watched.
        """
        if not self._listening:
            return []
        self.stop()
        after = ProcessState.now()
        acts = [f"{origins.short(file)}:{line} {what}" for (file, line), (_, what) in self._found.items()]
        found = [*acts, *after.since(self._before, own, self._recorders.where_started), *self._recorders.changes()]
        self._found.clear()
        return found

    def stop(self) -> None:
        """No more, and nobody wants to know."""
        global _current
        if self._listening:
            self._listening = False
            _hear(operator.is_)
            _current = None
            self._recorders.end()

    def note(self, what: str, where: tuple[str, int] | None, rank: int = 0) -> None:
        """Something was bound at ``where``: (file, line), in words that follow it. Of one line the lowest ``rank`` counts."""
        if where is not None and rank < self._found.get(where, (len(_EVENTS) + 1, ""))[0]:
            self._found[where] = rank, what

    def heard(self, event: str, args: tuple[Any, ...]) -> None:
        """An audit event. Never raises: the user's act would fail with it."""
        if event == "exec":
            return self._executes(args[0])
        entry = _EVENTS.get(event)
        if entry is None:
            return None
        rank, whose, judge = entry
        try:
            what = judge(args)
            if what:
                self.note(what, whose(sys._getframe(2)), rank)
        except Exception:  # an argument of another shape than it is documented to have
            return None

    def _executes(self, code: Any) -> None:
        """A module begins. ``datetime`` is written in C and cannot be recorded: the names of the top level tell."""
        names = frozenset(getattr(code, "co_names", ()))
        if names & _TELL_THE_TIME and names & _CLOCKS and not origins.is_library(code.co_filename):
            line = _takes_time_at(code)
            if line:
                self.note("takes the time at import", (code.co_filename, line))


def _takes_time_at(code: Any) -> int:
    """The first line on which the top level asks for one of those names; 0: it only defines or imports them."""
    import dis  # by inspect, and so by pytest, it is loaded already

    lines = dict(dis.findlinestarts(code))
    line: int | None = code.co_firstlineno
    for step in dis.get_instructions(code):
        line = lines.get(step.offset) or line
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            asks = step.argval in _TELL_THE_TIME
        else:
            asks = step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and step.argval in _FUNCTIONS
        if asks:
            return int(line or 1)
    return 0


def _heard(event: str, args: tuple[Any, ...]) -> None:
    if (event in _EVENTS or event == "exec") and _current is not None:
        _current.heard(event, args)


def _opened(args: tuple[Any, ...]) -> str:
    path, _, flags = args
    if not isinstance(flags, int) or not flags & _WRITING or isinstance(path, int):
        return ""
    name = os.fsdecode(path)
    if name.startswith("/dev/") or name.endswith(".pyc") or _is_of_bytecode(name):
        return ""
    return f"opened {origins.short(name)} for writing"


def _made_folder(args: tuple[Any, ...]) -> str:
    name = os.fsdecode(args[0])
    return "" if _is_of_bytecode(name) else f"made the folder {origins.short(name)}"


def _is_of_bytecode(name: str) -> bool:
    return "__pycache__" in name or f"{os.sep}.trun" in name


def _started(args: tuple[Any, ...]) -> str:
    program = args[0]
    if not isinstance(program, (str, bytes, os.PathLike)):
        return "started a process"
    name = os.path.basename(os.fsdecode(program))
    return "" if name in _ONLY_TELL else f"started {name}"


def _always(text: str) -> Judge:
    return lambda _: text


#: Audit event: whose act counts (the user's, for whatever library; or anybody's but a runner's), and what it is.
_ACTS: dict[str, tuple[Callable[[Any], tuple[str, int] | None], Judge]] = {
    "tempfile.mkdtemp": (origins.caller, _always("made a temporary folder (tempfile.mkdtemp)")),
    "tempfile.mkstemp": (origins.caller, _always("made a temporary file (tempfile.mkstemp)")),
    "sqlite3.connect": (origins.caller, _always("opened a database (sqlite3.connect)")),
    "socket.__new__": (origins.user_at_work, _always("made a socket")),
    "os.mkdir": (origins.user_at_work, _made_folder),
    "open": (origins.user_at_work, _opened),
    "subprocess.Popen": (origins.user_at_work, _started),
    "os.posix_spawn": (origins.user_at_work, _started),
    "os.system": (origins.user_at_work, _always("ran a command (os.system)")),
    "os.fork": (origins.user_at_work, _always("forked")),
    "os.forkpty": (origins.user_at_work, _always("forked")),
    "pty.spawn": (origins.user_at_work, _always("started a process (pty.spawn)")),
}
_EVENTS = {event: (rank, whose, judge) for rank, (event, (whose, judge)) in enumerate(_ACTS.items(), start=1)}
