"""Which files a worker collects, where each has a share of its own (``start.shard``)."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, Any

from trun_worker.wire.wire_text import path_of

if TYPE_CHECKING:
    from trun_worker.wire.channel import Frame


class Share:
    """``told``: what the engine says; paths are absolute here, and as they are on disk."""

    def __init__(self, told: dict[str, Any], slot: int) -> None:
        self._owner = {path_of(path): owner for path, owner in told["owner"].items()}
        #: All files that the native walk has found, in pytest's order.
        self.files = list(self._owner)
        self._only = None if told["only"] is None else [path_of(path) for path in told["only"]]
        self._count = int(told["count"])
        self._slot = slot
        #: What is imported of files that others collect, by path and in pytest's order (others_imports.py).
        self.imports = {path_of(path): modules for path, modules, _ in told["imports"]}
        #: Under what they do (foreign_objects.py), where there is anything.
        self.assumes = {path_of(path): assumes for path, _, assumes in told["imports"] if assumes}

    @classmethod
    def of(cls, start: Frame) -> Share | None:
        """None where every worker collects everything."""
        return None if start["shard"] is None else cls(start["shard"], int(start["slot"]))

    def owns(self, path: str) -> bool:
        owner = self._owner.get(path)
        if owner is None:
            # The native walk did not foresee it: still exactly one worker's.
            owner = zlib.crc32(os.fsencode(path)) % self._count
        return bool(owner == self._slot)

    def own(self) -> set[str]:
        """The foreseen files that are this worker's."""
        return set(self._only) if self._only is not None else {path for path in self.files if self.owns(path)}

    def args(self, args: list[str], base: str) -> list[str]:
        """pytest's arguments, less others' files. Directories are everybody's; a node id belongs to the file's owner."""
        if self._only is not None:
            return list(self._only)
        paths = [(arg, os.path.abspath(os.path.join(base, arg.partition("::")[0]))) for arg in args]
        return [arg for arg, path in paths if os.path.isdir(path) or self.owns(path)]

    def leaves_out(self, path: str) -> bool:
        """Whether the walk is to pass over it."""
        if self._only is not None or (path not in self._owner and os.path.isdir(path)):
            return False
        return not self.owns(path)
