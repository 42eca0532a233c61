"""What an open file or stream still has to do when it is freed, and whether one is open that others can find."""

from __future__ import annotations

import fcntl
import io
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from stat import S_ISREG
from typing import Any

from trun_worker.system.kinds import bases_of, module_of, own_names

#: What is looked up in a stream when it is freed (``iobase_finalize`` in Modules/_io/iobase.c). Where none of these is the
#: user's, nothing happens that is not below.
_AT_THE_END = frozenset({"__del__", "__getattribute__", "__setattr__", "close", "closed", "flush"})
#: They hold data back.
_WRITERS = frozenset({io.TextIOWrapper, io.BufferedWriter, io.BufferedRandom, io.BufferedRWPair})
#: The base of all streams of C and of Python. Asking ``io.IOBase`` itself, which is an ABC, asks the user's classes.
_STREAM: type = next(base for base in io.FileIO.__mro__ if base.__name__ == "_IOBase")
_raw_of: Any = io.BufferedReader.__dict__["raw"].__get__
_buffer_of: Any = io.TextIOWrapper.__dict__["buffer"].__get__
_null = os.stat(os.devnull).st_rdev
_fstat, _listdir, _fcntl = os.fstat, os.listdir, fcntl.fcntl


def is_stream(kind: type) -> bool:
    return _STREAM in bases_of(kind)


def is_idle(stream: Any) -> bool:
    """Whether nobody can tell if this stream is closed or not. In doubt it is not."""
    kind = type(stream)
    bases = bases_of(kind)
    named = [own_names(base) for base in bases if module_of(base) not in ("_io", "io", "builtins")]
    with suppress(AttributeError):
        named.append(object.__getattribute__(stream, "__dict__"))
    if not all(_AT_THE_END.isdisjoint(names) for names in named):
        return False
    if _WRITERS.isdisjoint(bases):
        # It closes what it reads from, which is a stream and looked at for itself, or of a kind that nobody knows.
        return io.BufferedReader not in bases or is_stream(type(_raw_of(stream)))
    if module_of(kind) != "_io" or _holds_back(stream):
        return False
    return kind is not io.TextIOWrapper or is_stream(type(_buffer_of(stream)))


def has_named_files() -> bool:
    """Whether a file that others can find is open for writing, but for where the standard streams lead to."""
    standard = set()
    for fd in range(3):
        with suppress(OSError):
            standard.add(_fstat(fd)[1:3])  # inode and device
    for fd in map(int, _listdir("/proc/self/fd")):
        with suppress(OSError):  # the listing's own
            status = _fstat(fd)
            is_named = S_ISREG(status.st_mode) and status.st_nlink > 0 and status[1:3] not in standard
            if is_named and _fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


def _holds_back(file: Any) -> bool:
    """Whether an open file may have data that were not written yet. The standard streams are flushed at the end."""
    with suppress(OSError, ValueError):
        if file.closed or not file.writable() or any(file is part for part in _standard_streams()):
            return False
        return _fstat(file.fileno()).st_rdev != _null
    return True


def _standard_streams() -> Iterator[object]:
    """Those that are flushed at the end, and what they write through."""
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        while stream is not None:
            yield stream
            stream = getattr(stream, "buffer", None) or getattr(stream, "raw", None)
