"""Rewritten bytecode by content, below ``.trun`` in the root directory.

pytest keeps the bytecode of test files beside them and, before pytest 9, trusts it by time of modification: a fresh checkout has
none, and all files are rewritten, which is most of a cold run. Here it is found by what is in the file, wherever that lies and
however new it is. Restored on a CI machine, the folder makes a cold run a warm one. Only what pytest asks for in vain is looked
up; what it writes, is kept. A file that the compiler warns of is not: the next fresh checkout is to warn, too.
"""

from __future__ import annotations

import hashlib
import importlib.util
import marshal
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _pytest.config import Config

_FOLDER = os.path.join(".trun", "bytecode")
_MOST_BYTES = 128 << 20
_DIGEST = hashlib.sha256().digest_size


def install(config: Config) -> None:
    """From now on pytest reads and writes it, too; not where the user wants no cache (``-p no:cacheprovider``)."""
    from _pytest.assertion import rewrite  # the server imports this module before pytest

    if not config.pluginmanager.hasplugin("cacheprovider"):
        return
    cache = BytecodeCache(str(config.rootpath), rewrite.PYC_TAIL + _rewritten_for(config))
    read, write = rewrite._read_pyc, rewrite._write_pyc

    def read_pyc(source: Path, pyc: Path, *more: Any) -> CodeType | None:
        return read(source, pyc, *more) or cache.find(source, pyc)

    def write_pyc(state: Any, code: CodeType, stamp: Any, pyc: Path) -> bool:
        cache.keep(pyc, code)
        return write(state, code, stamp, pyc)

    patched: Any = rewrite
    patched._read_pyc, patched._write_pyc = read_pyc, write_pyc


def _rewritten_for(config: Config) -> str:
    """What the name of pytest's own file does not tell: what else its rewriting and Python's compiler go by."""
    hears_passes = config.getini("enable_assertion_pass_hook")
    return ("+passes" if hears_passes else "") + ("+docless" if sys.flags.optimize > 1 else "")


def prune(config: Config) -> None:
    """Let the oldest go where the folder has outgrown its limit. Once a run."""
    folder = os.path.join(str(config.rootpath), _FOLDER)
    if os.path.isdir(folder):
        for path in outgrown(folder, _MOST_BYTES):
            with suppress(OSError):
                os.unlink(path)


def outgrown(folder: str, most: int) -> Iterator[str]:
    """The oldest files of more than ``most`` bytes, so many that a quarter is free."""
    with os.scandir(folder) as entries:
        stats = [(entry.stat(follow_symlinks=False), entry.path) for entry in entries]
    size = sum(stat.st_size for stat, _ in stats)
    if size <= most:
        return
    for stat, path in sorted(stats, key=lambda each: each[0].st_mtime):
        if size <= most * 3 // 4:
            return
        size -= stat.st_size
        yield path


class BytecodeCache:
    """Of files below ``root``. ``kind``: what the names of pytest's own files end with, for Python's and pytest's version."""

    def __init__(self, root: str, kind: str) -> None:
        self._root = root.rstrip(os.sep) + os.sep
        self._folder = os.path.join(root, _FOLDER)
        self._salt = importlib.util.MAGIC_NUMBER + kind.encode()
        #: By the file that pytest would write: where its content belongs, and the source.
        self._missing: dict[Path, tuple[str, bytes]] = {}

    def find(self, source: Path, pyc: Path) -> CodeType | None:
        """The code of ``source``, if its content is known."""
        path = str(source)
        if not path.startswith(self._root):
            return None
        try:
            text = source.read_bytes()
            place = os.path.join(self._folder, hashlib.sha256(self._salt + text).hexdigest() + ".pyc")
            if not os.path.exists(place):
                if not sys.dont_write_bytecode:
                    self._missing[pyc] = place, text
                return None
            code = _read(place)
        except (OSError, ValueError, EOFError, TypeError):
            return None
        return None if code is None else located(code, path)

    def keep(self, pyc: Path, code: CodeType) -> None:
        """pytest has rewritten what was not found."""
        place, text = self._missing.pop(pyc, ("", b""))
        if not place or _is_warned_of(text):
            return
        with suppress(OSError, ValueError):
            self._make_folder()
            data = marshal.dumps(code)
            part = f"{place[:-4]}.{os.getpid()}.pyc"
            Path(part).write_bytes(hashlib.sha256(data).digest() + data)
            os.replace(part, place)

    def _make_folder(self) -> None:
        """Like pytest's cache it keeps itself out of the repository."""
        if os.path.isdir(self._folder):
            return
        os.makedirs(self._folder, exist_ok=True)
        ignore = os.path.join(os.path.dirname(self._folder), ".gitignore")
        if not os.path.exists(ignore):
            Path(ignore).write_text("*\n")


def _read(place: str) -> CodeType | None:
    """None where the file is not what was written: the interpreter must not be given that."""
    data = Path(place).read_bytes()
    if hashlib.sha256(data[_DIGEST:]).digest() != data[:_DIGEST]:
        return None
    code = marshal.loads(data[_DIGEST:])
    return code if isinstance(code, CodeType) else None


def located(code: CodeType, path: str) -> CodeType:
    """The same code, of a file that lies at ``path``."""
    before = code.co_filename
    if before == path:
        return code
    inner = tuple(located(each, path) if isinstance(each, CodeType) else each for each in code.co_consts)
    return code.replace(co_filename=path, co_consts=inner)


def _is_warned_of(text: bytes) -> bool:
    """Whether compiling it warns."""
    try:
        with warnings.catch_warnings(record=True) as found:
            warnings.simplefilter("always")
            compile(text, "<trun>", "exec", dont_inherit=True)
    except Exception:
        return True
    return bool(found)
