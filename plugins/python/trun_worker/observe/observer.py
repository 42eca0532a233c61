"""Watches imports for what they bind to the process: what a forked worker would lose, or share with all others.

An audit hook (``sys.addaudithook``) and light recorders see what imported code does between ``begin`` and ``end``; the process's
state before and after (``ProcessState``) says what of it is still there. It observes, and decides nothing. What a library does
for itself while it is imported counts only where it leaves something behind; what the user's modules do, counts.
"""

from __future__ import annotations

import operator
import os
import sys
import weakref
from collections.abc import Callable, Iterable, Iterator
from types import CodeType
from typing import Any

from trun_worker.observe import calls_at_import, clock_names, origins
from trun_worker.observe.process_state import ProcessState
from trun_worker.observe.recorders import Recorders

#: Programs that only tell something of the machine or the checkout.
_ONLY_TELL = frozenset(
    "git hg svn uname which getconf ldconfig lsb_release nproc id whoami hostname locale sysctl lscpu gcc cc ld file".split()
)
#: What gives a number that another process would not get.
_TELLS_OF_PROCESS = (
    "/dev/urandom",
    "/dev/random",
    "/proc/sys/kernel/random/uuid",
    "/proc/self/stat",
    "/proc/self/status",
    "/proc/thread-self/stat",
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC

Arguments = tuple[Any, ...]
Judge = Callable[[Arguments], str]
#: Whether what an act has made is still there, asked at the end.
Remains = Callable[[], bool]

_TIME = "takes the time at import"
#: Of one line: acts that are looked at once more at the end. Who makes more has left some.
_MOST_ACTS = 64


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
        #: By place: the acts there, by their order in the table; what they were; what they made, if that can be looked for.
        self._found: dict[tuple[str, int], list[tuple[int, str, Remains | None]]] = {}
        self._before = ProcessState()
        self.recorders = Recorders(self.note, per_worker)
        self._listening = False
        self._modules: list[CodeType] = []
        #: After ``end``: the file and the sentence of each act that another process would repeat.
        self.repeated: list[tuple[str, str]] = []

    def begin(self, from_start: bool = False) -> None:
        """From now on what is imported is watched. Nothing where this already is so. ``from_start``: of the program, in which
        only the site's own modules (sitecustomize) have run so far; what these have started counts."""
        global _current, _listener
        if self._listening:
            return
        self._listening = True
        origins.learn_runners()
        self._before = ProcessState.now()
        if from_start:
            self._before = self._before._replace(tasks=frozenset({os.getpid()}))
        self.recorders.begin()
        _current = self
        if _listener is None and hasattr(sys, "addaudithook"):
            _listener = _Listener()
            sys.addaudithook(_listener)
        _hear(_heard)

    def end(self, own: frozenset[int] = frozenset(), of_libraries: bool = False) -> list[str]:
        """No more. Returns what was bound to the process, a sentence each. ``own``: descriptors that are pytest's or trun's.
        ``of_libraries``: only libraries were to be imported (but for ``-p`` with a plugin of the user's).

        Empty where nobody watched.
        """
        if not self._listening:
            return []
        self.stop()
        self.repeated.clear()
        self._note_names_of_others()
        after = ProcessState.now()
        found = [
            *self._acts(),
            *after.since(self._before, own, self.recorders.where_started),
            *self.recorders.changes(of_libraries),
        ]
        self._found.clear()
        return found

    def _acts(self) -> Iterator[str]:
        """Of each line the first of the table's that has left something, or that cannot tell."""
        for (file, line), acts in self._found.items():
            left = [(rank, what) for rank, what, remains in acts if remains is None or remains()]
            if left:
                rank, what = min(left, key=operator.itemgetter(0))
                sentence = f"{origins.short(file)}:{line} {what}"
                if rank not in _ONCE:
                    self.repeated.append((os.path.abspath(file), sentence))
                yield sentence

    def stop(self) -> None:
        """No more, and nobody wants to know."""
        global _current
        if self._listening:
            self._listening = False
            _hear(operator.is_)
            _current = None
            self.recorders.end()

    def note(self, what: str, where: tuple[str, int] | None, rank: int = 0, remains: Remains | None = None) -> None:
        """Something was bound at ``where``: (file, line), in words that follow it; if ``remains``, only while that is so."""
        if where is not None:
            acts = self._found.setdefault(where, [])
            if len(acts) < _MOST_ACTS:
                acts.append((rank, what, remains))
            elif remains is None:
                acts[-1] = rank, what, None

    def heard(self, event: str, args: Arguments) -> None:
        """An audit event. Never raises: the user's act would fail with it."""
        if event == "exec":
            return self._executes(args[0])
        entry = _EVENTS.get(event)
        if entry is None:
            return None
        rank, whose, judge, made = entry
        try:
            what = judge(args)
            where = whose(sys._getframe(2)) if what else None
            if where is not None:
                self.note(what, where, rank, None if made is None else made(args))
        except Exception:  # an argument of another shape than it is documented to have
            return None

    def _executes(self, code: Any) -> None:
        """A module begins."""
        if not isinstance(code, CodeType) or code.co_name != "<module>":
            return
        self.recorders.random.module_begins(code, sys._getframe())
        if not origins.is_library(code.co_filename):
            self._modules.append(code)
            line = clock_names.named_after_time(code)
            if line:
                self.note(_TIME, (code.co_filename, line))

    def _note_names_of_others(self) -> None:
        """Modules that call functions of others which make text of the time. Once all are known: they begin before these do."""
        functions = {calls_at_import.module_of(code.co_filename): clock_names.makers(code) for code in self._modules}
        functions = {module: names for module, names in functions.items() if names}
        known = frozenset().union(*functions.values())
        for code in self._modules:
            # Names that it mentions, in its classes too, before its text is read.
            if any(not known.isdisjoint(body.co_names) for body in clock_names.bodies(code)):
                line = calls_at_import.first_line(code.co_filename, functions)
                if line:
                    self.note(_TIME, (code.co_filename, line))
        self._modules.clear()


def _heard(event: str, args: Arguments) -> None:
    if (event in _EVENTS or event == "exec") and _current is not None:
        _current.heard(event, args)


def _opened(args: Arguments) -> str:
    path, _, flags = args
    if not isinstance(flags, int) or isinstance(path, int):
        return ""
    name = os.fsdecode(path)
    if name in _TELLS_OF_PROCESS:
        return f"read {name}, which differs from process to process"
    if not flags & _WRITING:
        return ""
    if name.startswith("/dev/") or name.endswith(".pyc") or _is_of_bytecode(name):
        return ""
    return f"opened {origins.short(name)} for writing"


def _made_folder(args: Arguments) -> str:
    name = os.fsdecode(args[0])
    return "" if _is_of_bytecode(name) else f"made the folder {origins.short(name)}"


def _is_of_bytecode(name: str) -> bool:
    return "__pycache__" in name or f"{os.sep}.trun" in name


def _started(args: Arguments) -> str:
    program = args[0]
    if not isinstance(program, (str, bytes, os.PathLike)):
        return "started a process"
    name = os.path.basename(os.fsdecode(program))
    return "" if name in _ONLY_TELL else f"started {name}"


def _always(text: str) -> Judge:
    return lambda _: text


def _path(args: Arguments) -> Remains:
    path = os.path.abspath(os.fsdecode(args[0]))
    return lambda: os.path.lexists(path)


def _socket(args: Arguments) -> Remains:
    """One that was only opened to see whether that works is gone; who asked for its port is heard by the recorders."""
    made = weakref.ref(args[0])

    def is_open() -> bool:
        socket = made()
        return socket is not None and socket.fileno() != -1

    return is_open


#: Audit event: whose act counts (the user's, for whatever library; or anybody's but a runner's), what it is, and whether what it
#: made can be gone at the end, and nothing of it left.
_ACTS: dict[str, tuple[Callable[[Any], tuple[str, int] | None], Judge, Callable[[Arguments], Remains] | None]] = {
    "tempfile.mkdtemp": (origins.caller, _always("made a temporary folder (tempfile.mkdtemp)"), _path),
    "tempfile.mkstemp": (origins.caller, _always("made a temporary file (tempfile.mkstemp)"), _path),
    "sqlite3.connect": (origins.caller, _always("opened a database (sqlite3.connect)"), None),
    "socket.__new__": (origins.user_at_work, _always("made a socket"), _socket),
    "os.mkdir": (origins.user_at_work, _made_folder, _path),
    "open": (origins.user_at_work, _opened, _path),
    "subprocess.Popen": (origins.user_at_work, _started, None),
    "os.posix_spawn": (origins.user_at_work, _started, None),
    "os.system": (origins.user_at_work, _always("ran a command (os.system)"), None),
    "os.fork": (origins.user_at_work, _always("forked"), None),
    "os.forkpty": (origins.user_at_work, _always("forked"), None),
    "pty.spawn": (origins.user_at_work, _always("started a process (pty.spawn)"), None),
    "sys.addaudithook": (origins.user_at_work, _always("added an audit hook, which hears what forks do"), None),
}
_EVENTS = {event: (rank, *entry) for rank, (event, entry) in enumerate(_ACTS.items(), start=1)}
#: What they make may be there the next time, and then they are not.
_ONCE = frozenset({_EVENTS["os.mkdir"][0], _EVENTS["open"][0]})
