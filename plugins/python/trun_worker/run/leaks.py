"""What a test leaves behind: child processes, threads, descriptors, listening ports, files in its worker's own temporary folder.

Asked after every test, so the question must be cheap: a child that can be waited for, the lowest free descriptor and the number
of threads tell whether anything can have changed (about 2 µs), and the folder's time stamp where there is one. Only then is it
looked up what. What a fixture of wider scope started belongs to the fixture until its teardown.

It looks and never acts: what was left lives as long as its worker, because nobody can know who still uses it. Whatever a
test has done to its process (no descriptor is free, a limit was lowered, things are closed), looking fails no test.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from fcntl import F_DUPFD_CLOEXEC
from socket import SO_ACCEPTCONN, SOL_SOCKET, socket
from typing import Any

from trun_worker.clock import CLOCK
from trun_worker.kernel import KERNEL
from trun_worker.wire.channel import HIGH_FD

#: (kind, key): one thing that is there.
Thing = tuple[str, Any]

_WAIT = os.WEXITED | os.WNOHANG | os.WNOWAIT
_READ = os.O_RDONLY | os.O_CLOEXEC
#: What ends by itself within this time was no leak.
_PATIENCE = 50_000_000  # nanoseconds
#: The kernel's clock for files ticks every 1 to 10 ms: within that time a second change leaves no other stamp.
_TICK = 20_000_000  # nanoseconds
#: What is made in a temporary folder for as long as the process or the user lives: multiprocessing's, pytest's ``tmp_path``,
#: caches of libraries.
_KEPT = (
    "pymp-",
    "pytest-of-",
    "matplotlib-",
    "joblib_memmapping_folder_",
    "torchinductor_",
    "data-gym-cache",
    "hsperfdata_",
    "node-compile-cache",
    "v8-compile-cache-",
)
_active: dict[Any, Any] = getattr(threading, "_active")  # noqa: B009 (typeshed hides it)


class LeakWatch:
    """``kinds``: what to look for, of "processes", "threads", "descriptors", "ports", "files"."""

    def __init__(self, kinds: Iterable[str]) -> None:
        self._kinds = frozenset(kinds)
        self._known: set[Thing] = set()
        self._owned: dict[Thing, Any] = {}
        self._setting_up: list[tuple[Any, set[Thing]]] = []
        self._folder = ""
        self._stamp = 0
        self._probe = -1
        self._lowest = -1
        self._threads = 0
        self._had_children = False

    def begin(self, folder: str) -> None:
        """What is there now was there before any test. ``folder``: the temporary folder that no other worker uses; "": none."""
        self._folder = folder if "files" in self._kinds else ""
        with self._unharmed():
            self._settle(*self._stamped_look())

    @property
    def begun(self) -> bool:
        return self._probe >= 0

    @contextmanager
    def _unharmed(self) -> Generator[None]:
        """Around every look. One that cannot be had is as none: the next begins anew, with what is there by then."""
        try:
            yield
        except Exception:  # the user's process may be in any state, and the user's test is not to fail for it
            self._give_up()

    def _give_up(self) -> None:
        with suppress(OSError):
            KERNEL.close(self._probe)
        self._probe = -1
        self._setting_up.clear()

    def found(self, last_of_file: bool) -> list[list[str]]:
        """[kind, what] of each thing that the test at hand has left."""
        found: list[list[str]] = []
        with self._unharmed():
            while self._setting_up:
                self._own(*self._setting_up.pop())
            if self.begun and (self._changed() or (last_of_file and self._owned)):
                found = self._found()
        return found

    def _found(self) -> list[list[str]]:
        """By one look, the last: what is there only after it is left to the next."""
        deadline = CLOCK.nanoseconds() + _PATIENCE
        while True:
            stamp, now = self._stamped_look()
            leaked = self._leaked(now)
            # Less what ends by itself in a moment.
            if CLOCK.nanoseconds() >= deadline or not any(kind in ("processes", "threads") for kind, _ in leaked):
                break
            CLOCK.sleep(0.002)
        found = [[kind, self._text((kind, key), now)] for kind, key in leaked]
        for thing in leaked:
            self._owned.pop(thing, None)
        self._settle(stamp, now)
        return found

    def fixture_begins(self, fixturedef: Any) -> None:
        """What is started from now on, until its set-up is over, is the fixture's, if that lives longer than a test."""
        self.fixture_ended()
        if fixturedef.scope != "function" and self.begun:
            with self._unharmed():
                self._setting_up.append((fixturedef, set(self._look())))

    def fixture_ended(self) -> None:
        """Take note of set-ups that are over. No hook tells: a wrapper around them would be seen in native tracebacks."""
        while self._setting_up and self._setting_up[-1][0].cached_result is not None:
            with self._unharmed():
                self._own(*self._setting_up.pop())

    def _own(self, fixturedef: Any, before: set[Thing]) -> None:
        for thing in self._look():
            if thing not in before:
                self._owned.setdefault(thing, fixturedef)

    # -- is there anything?

    def _changed(self) -> bool:
        try:
            fd = KERNEL.dup(self._probe)
            KERNEL.close(fd)
        except OSError:
            return True  # a test closed it, or no descriptor is free
        if fd != self._lowest or len(_active) != self._threads:
            return True
        if self._folder and _stamp(self._folder) != self._stamp:
            return True
        try:
            KERNEL.waitid(os.P_ALL, 0, _WAIT)
        except ChildProcessError:
            return self._had_children
        return True

    def _stamped_look(self) -> tuple[int, dict[Thing, str]]:
        """The folder's stamp is taken first: what is made after the look changes it."""
        return _settled_stamp(self._folder) if self._folder else 0, self._look()

    def _settle(self, stamp: int, now: dict[Thing, str]) -> None:
        self._stamp = stamp
        self._known = {thing for thing in now if thing not in self._owned}
        self._owned = {thing: owner for thing, owner in self._owned.items() if thing in now}
        self._threads = len(_active)
        self._had_children = any(kind == "processes" for kind, _ in now)
        self._lowest = -1  # no descriptor is free: every look is a long one
        with suppress(OSError):
            self._lowest = KERNEL.dup(self._probe)
            KERNEL.close(self._lowest)

    # -- what is there

    def _leaked(self, now: dict[Thing, str]) -> list[Thing]:
        found = []
        for thing in now:
            owner = self._owned.get(thing)
            if (owner is not None and owner.cached_result is None) or (owner is None and thing not in self._known):
                found.append(thing)
        return found

    def _text(self, thing: Thing, now: dict[Thing, str]) -> str:
        owner = self._owned.get(thing)
        whose = "" if owner is None else f" (of the fixture {owner.argname}, scope {owner.scope})"
        return now[thing] + whose

    def _look(self) -> dict[Thing, str]:
        """What is there. The probe makes room: a test may have left no other descriptor free."""
        with suppress(OSError):
            KERNEL.close(self._probe)
        self._probe = -1
        found: dict[Thing, str] = {}
        if "processes" in self._kinds:
            found.update((("processes", pid), f"{pid} {_command(pid)}") for pid in _children())
        if "threads" in self._kinds:
            found.update((("threads", thread.ident), thread.name) for thread in KERNEL.threads())
        if "descriptors" in self._kinds or "ports" in self._kinds:
            found.update(self._descriptors())
        if self._folder:
            found.update((("files", path), path) for path in _files(self._folder))
        self._probe = _open_probe()
        return found

    def _descriptors(self) -> Generator[tuple[Thing, str]]:
        for fd in map(int, KERNEL.listdir("/proc/self/fd")):
            # The standard streams are capture's to redirect.
            if fd < 3 or fd >= HIGH_FD:
                continue
            try:
                target = KERNEL.readlink(f"/proc/self/fd/{fd}")
            except OSError:
                continue  # the listing's own
            port = _listening(fd) if target.startswith("socket:") else None
            if port is not None and "ports" in self._kinds:
                yield ("ports", (fd, target)), f"{port} (descriptor {fd})"
            elif "descriptors" in self._kinds:
                yield ("descriptors", (fd, target)), f"{fd} -> {target}"


def _open_probe() -> int:
    """A descriptor. What a test has closed of the standard streams stays closed: it is not one of these."""
    fd: int = KERNEL.open(os.devnull, _READ)
    if fd > 2:
        return fd
    try:
        return int(KERNEL.fcntl(fd, F_DUPFD_CLOEXEC, 3))
    finally:
        KERNEL.close(fd)


def _stamp(folder: str) -> int:
    """Changes when something is made in ``folder`` or removed from it, a tick later at the latest."""
    try:
        return KERNEL.stat(folder).st_mtime_ns
    except OSError:
        return 0


def _settled_stamp(folder: str) -> int:
    """The stamp, if any further change will give another one; else one that is never equal."""
    stamp = _stamp(folder)
    return stamp if CLOCK.seconds() * 1e9 - stamp > _TICK else -1


def _files(folder: str) -> list[str]:
    """What is directly in ``folder``, less what is kept there on purpose."""
    try:
        return [f"{folder}/{name}" for name in KERNEL.listdir(folder) if not name.startswith(_KEPT)]
    except OSError:
        return []


def _children() -> list[int]:
    """Children of this process that live, less those that Python keeps for itself."""
    found: list[int] = []
    own = _pythons_own()
    for task in KERNEL.listdir("/proc/self/task"):
        with suppress(OSError):
            found += [int(pid) for pid in KERNEL.read_all(f"/proc/self/task/{task}/children").split()]
    return [pid for pid in found if pid not in own and _lives(pid)]


def _pythons_own() -> set[int]:
    """multiprocessing's helpers, which live as long as the process."""
    tracker: Any = getattr(sys.modules.get("multiprocessing.resource_tracker"), "_resource_tracker", None)
    server: Any = getattr(sys.modules.get("multiprocessing.forkserver"), "_forkserver", None)
    return {getattr(tracker, "_pid", None) or 0, getattr(server, "_forkserver_pid", None) or 0}


def _lives(pid: int) -> bool:
    try:
        return KERNEL.read_all(f"/proc/{pid}/stat").rpartition(b") ")[2][:1] not in (b"Z", b"X", b"")
    except OSError:
        return False


def _command(pid: int) -> str:
    """Its command line; its short name in brackets where it has none, as in the middle of an execve(2)."""
    try:
        line: bytes = KERNEL.read_all(f"/proc/{pid}/cmdline").replace(b"\0", b" ").strip()
        line = line or b"[" + KERNEL.read_all(f"/proc/{pid}/comm").strip() + b"]"
        return line.decode(errors="replace")[:200]
    except OSError:
        return ""


def _listening(fd: int) -> str | None:
    """The address that the socket listens on; None if it does not."""
    with suppress(OSError), socket(fileno=KERNEL.dup(fd)) as copy:
        if copy.getsockopt(SOL_SOCKET, SO_ACCEPTCONN):
            name: Any = copy.getsockname()
            return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else str(name)
    return None
