"""What a process has that a fork does not give to its child, or gives to both: threads, descriptors, children, shared memory.

``ProcessState.now()`` twice, and ``since`` says what has come in between. Linux; where /proc does not tell, nothing is found.
"""

from __future__ import annotations

import os
import re
import signal
import stat
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from trun_worker.clock import CLOCK

#: Libraries whose threads end before a fork and begin again in both processes (pthread_atfork in their sources).
_FORK_SAFE_LIBRARIES = re.compile(r"(openblas|libblas|goto)", re.IGNORECASE)
#: Those that every thread has on its stack, whoever started it.
_EVERYBODYS = re.compile(r"/(libc|libpthread|libm|libdl|librt|libgcc_s|libstdc\+\+|ld-linux[^/]*|ld-musl[^/]*)[-.]|\[")
#: What nobody reads anything of that another process could miss.
_HARMLESS_TARGETS = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random", "/dev/tty")
#: How long a thread that was joined may still be there.
_MOMENT = 20_000_000  # nanoseconds
#: How much of a native thread's stack is looked at for return addresses.
_STACK_BYTES = 16 * 1024


class ProcessState(NamedTuple):
    """``tasks``: kernel thread ids. ``descriptors``: number and what it leads to. ``shared``: mappings that children share."""

    tasks: frozenset[int] = frozenset()
    descriptors: frozenset[tuple[int, str]] = frozenset()
    children: frozenset[int] = frozenset()
    shared: frozenset[str] = frozenset()
    timer: bool = False

    @classmethod
    def now(cls) -> ProcessState:
        return cls(
            frozenset(_numbers("/proc/self/task")),
            frozenset(_descriptors()),
            frozenset(_children()),
            frozenset(_shared_mappings()),
            signal.getitimer(signal.ITIMER_REAL)[0] > 0,
        )

    def since(
        self,
        before: ProcessState,
        own: frozenset[int] = frozenset(),
        where_started: Callable[[threading.Thread], str] = lambda thread: "",
    ) -> Iterator[str]:
        """What has come since ``before``, in words. ``own``: descriptors that are pytest's or trun's."""
        for task in sorted(self.tasks - before.tasks):
            name = _name_of(task, where_started)
            if name is not None:
                yield f"{name} runs"
        standard = {target for fd, target in before.descriptors if fd < 3}  # capture makes copies of these
        for fd, target in sorted(self.descriptors - before.descriptors):
            if fd not in own and target not in standard and not _is_harmless(fd, target):
                yield f"descriptor {fd} is open ({target})"
        for pid in sorted(self.children - before.children):
            yield f"process {pid} runs ({_command(pid)})"
        for name in sorted(self.shared - before.shared):
            yield f"memory that forked processes share is mapped ({name})"
        if self.timer and not before.timer:
            yield "a timer is set (signal.setitimer), which a forked process would not have"


def _numbers(folder: str) -> Iterator[int]:
    with suppress(OSError):
        yield from (int(name) for name in os.listdir(folder))


def _descriptors() -> Iterator[tuple[int, str]]:
    for fd in _numbers("/proc/self/fd"):
        with suppress(OSError):
            target = os.readlink(f"/proc/self/fd/{fd}")
            if not target.startswith("/proc/"):  # the listing's own
                yield fd, target


def _is_harmless(fd: int, target: str) -> bool:
    if target.startswith(_HARMLESS_TARGETS):
        return True
    with suppress(OSError):
        return stat.S_ISDIR(os.fstat(fd).st_mode)
    return True  # closed meanwhile


def _children() -> Iterator[int]:
    for task in _numbers("/proc/self/task"):
        with suppress(OSError), open(f"/proc/self/task/{task}/children", encoding="ascii") as file:
            yield from map(int, file.read().split())


def _command(pid: int) -> str:
    with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb") as file:
        return file.read().replace(b"\0", b" ").decode(errors="replace").strip()[:80]
    return "?"


def _shared_mappings() -> Iterator[str]:
    with suppress(OSError), open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        for line in file:
            parts = line.split(maxsplit=5)
            if parts[1][1] == "w" and parts[1][3] == "s":
                yield f"{parts[5].strip() if len(parts) > 5 else 'anonymous'} at {parts[0].partition('-')[0]}"


def _name_of(task: int, where_started: Callable[[threading.Thread], str]) -> str | None:
    """What a thread is called; None for one that a fork does no harm to."""
    for thread in threading.enumerate():
        if getattr(thread, "native_id", None) == task:
            return f"thread {thread.name!r}{where_started(thread)}"
    libraries = _libraries_of(task)
    if not libraries and _ends(task):
        return None
    if libraries and all(_FORK_SAFE_LIBRARIES.search(library) for library in libraries):
        return None
    with suppress(OSError), open(f"/proc/self/task/{task}/comm", encoding="utf-8", errors="replace") as file:
        name = file.read().strip()
        where = f" of {', '.join(sorted(libraries))}" if libraries else ""
        return f"native thread {name!r}{where}"
    return None  # it has ended


def _ends(task: int) -> bool:
    """Whether a thread that has no name is about to end: the kernel knows it a moment longer than who joined it."""
    deadline = CLOCK.nanoseconds() + _MOMENT
    while os.path.exists(f"/proc/self/task/{task}"):
        if CLOCK.nanoseconds() > deadline:
            return False
        CLOCK.sleep(0.001)
    return True


def _libraries_of(task: int) -> set[str]:
    """Names of the libraries that have a frame on the stack of a native thread that waits: whose thread it is."""
    found: set[str] = set()
    with suppress(OSError, ValueError, IndexError):
        with open(f"/proc/self/task/{task}/syscall", encoding="ascii") as file:
            pointer = int(file.read().split()[-2], 16)
        code = _executable_mappings()
        with open("/proc/self/mem", "rb", buffering=0) as memory:
            memory.seek(pointer)
            words = memory.read(_STACK_BYTES)
        for (word,) in struct.iter_unpack("@Q", words[: len(words) // 8 * 8]):
            for begin, end, path in code:
                if begin <= word < end and not _EVERYBODYS.search(path):
                    found.add(os.path.basename(path))
    return {name for name in found if not name.startswith(("python", "libpython"))}


def _executable_mappings() -> list[tuple[int, int, str]]:
    found = []
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as file:
        for line in file:
            parts = line.split(maxsplit=5)
            if len(parts) > 5 and "x" in parts[1]:
                begin, _, end = parts[0].partition("-")
                found.append((int(begin, 16), int(end, 16), parts[5].strip()))
    return found
