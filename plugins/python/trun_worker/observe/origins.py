"""Whose code runs: the user's, a library's, or pytest's. Answers for frames and files, by where the files lie."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from types import FrameType

#: Folders under which no file is the user's.
_INSTALLED = ("/site-packages/", "/dist-packages/")
#: Packages whose own acts are no concern of the suite's.
_RUNNERS = ("/_pytest/", "/pytest/", "/pluggy/", "/xdist/", "/execnet/", "/trun_worker/")


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    found = [paths.get(name, "") for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    found += getattr(site, "getsitepackages", list)()
    # A virtual environment has the standard library of the interpreter that it was made from.
    found.append(os.path.dirname(os.__file__))
    found = [path for path in found if path]
    return tuple({os.path.join(path, "") for path in [*found, *map(os.path.realpath, found)]})


_LIBRARIES = _library_folders()
_TRUN = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "")
#: The module that this process was started with is trun's, or a test's.
_MAIN = vars(sys.modules["__main__"])
#: Folders whose files are a runner's, wherever they lie.
_runners: tuple[str, ...] = (_TRUN,)
_STDLIB = tuple(path for path in _LIBRARIES if not any(part in path for part in _INSTALLED))


def learn_runners() -> None:
    """pytest and what belongs to it, wherever it lies: its developers run it from a checkout."""
    global _runners
    modules = [sys.modules.get(name) for name in ("_pytest", "pluggy", "xdist", "execnet")]
    files = [str(getattr(module, "__file__", None) or "") for module in modules]
    _runners = (_TRUN, *{os.path.join(os.path.dirname(file), "") for file in files if file})


def is_generated(filename: str) -> bool:
    """Whether there is no such file: "<string>", "<frozen importlib._bootstrap>"."""
    return filename.startswith("<")


def is_library(filename: str) -> bool:
    """Whether a file came with the interpreter or with an installed distribution, or is trun's."""
    return (
        filename.startswith(_LIBRARIES) or filename.startswith(_runners) or any(part in filename for part in _INSTALLED)
    )


def is_stdlib(filename: str) -> bool:
    return filename.startswith(_STDLIB) and not any(part in filename for part in _INSTALLED)


def is_runner(filename: str) -> bool:
    """Whether a file is pytest's, xdist's or trun's own."""
    return filename.startswith(_runners) or (is_library(filename) and any(part in filename for part in _RUNNERS))


def caller(frame: FrameType | None) -> tuple[str, int] | None:
    """Who outside the standard library made the call that ``frame`` is in: (file, line). None: nobody, or a test runner."""
    while frame is not None and frame.f_globals is not _MAIN:
        filename = frame.f_code.co_filename
        if filename.startswith("<frozen importlib"):
            return None  # the import system, which reads and writes files for itself
        if not is_generated(filename) and not is_stdlib(filename):
            return None if is_runner(filename) else (filename, frame.f_lineno)
        frame = frame.f_back
    return None


def user_at_work(frame: FrameType | None) -> tuple[str, int] | None:
    """The user's line for which ``frame`` works: (file, line), looked for up to the module whose import this is part of.

    None where a library does it for itself, while it is imported say, or a test runner.
    """
    innermost = True
    while frame is not None and frame.f_globals is not _MAIN:
        code = frame.f_code
        filename = code.co_filename
        if innermost and filename.startswith("<frozen importlib"):
            return None
        if not is_generated(filename) and not is_stdlib(filename):
            if innermost and is_runner(filename):
                return None
            innermost = False
            if not is_library(filename):
                return filename, frame.f_lineno
        if code.co_name == "<module>" and not is_generated(filename):
            return None
        frame = frame.f_back
    return None


def short(path: str) -> str:
    """The path as a person reads it: relative to the current directory where it lies below it."""
    try:
        relative = os.path.relpath(path)
    except (OSError, ValueError):
        return path
    return path if relative.startswith("..") else relative
