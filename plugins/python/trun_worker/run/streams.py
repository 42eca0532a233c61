"""The streams that pytest's capture reads, and what a test may do to them: close them, or the descriptors below.

Under pytest every test that follows such a test fails. Here what can be put back is put back before the next one; where that
cannot be, another process runs what follows.
"""

from __future__ import annotations

import io
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from trun_worker.kernel import KERNEL
from trun_worker.system import process
from trun_worker.wire.channel import move_high

if TYPE_CHECKING:
    from _pytest.config import Config

_Identity = tuple[int, int]


class Streams:
    """Of the process that runs tests; made before the first of them. ``mend`` may be called wherever capture may be resumed."""

    def __init__(self, config: Config) -> None:
        manager: Any = config.pluginmanager.getplugin("capturemanager")
        capture = getattr(manager, "_global_capturing", None)
        found = [(name, getattr(capture, name[3:], None)) for name in ("stdout", "stderr")]
        self._streams = [_Stream(name, part) for name, part in found if hasattr(part, "tmpfile")]

    def mend(self) -> None:
        """Put back what a test has closed or replaced of what its output goes to. Where that cannot be, the process ends here.

        Costs some 8 µs where there is nothing to do.
        """
        try:
            for stream in self._streams:
                if stream.is_closed() or stream.is_replaced():
                    stream.mend()
        except OSError as error:
            process.leave_spoiled(f"a test has closed what its output goes to: {error}")


class _Stream:
    """stdout or stderr as pytest captures it; ``part`` is the object of pytest's that does."""

    def __init__(self, name: str, part: Any) -> None:
        self._name = name
        self._part = part
        self._by_descriptor = hasattr(part, "targetfd_save")
        self._spare = -1
        if self._by_descriptor:
            # What pytest restores: the descriptor that this process had when it started.
            self._spare = move_high(KERNEL.dup(part.targetfd_save))
            self._saved = _identity(part.targetfd_save)
            self._file = _identity(part.tmpfile.fileno())

    def is_closed(self) -> bool:
        return bool(self._part.tmpfile.closed)

    def is_replaced(self) -> bool:
        """Whether a descriptor is closed or another one's. The file is open."""
        part = self._part
        if not self._by_descriptor:
            return False
        try:
            return _identity(part.tmpfile.fileno()) != self._file or _identity(part.targetfd_save) != self._saved
        except OSError:
            return True

    def mend(self) -> None:
        part = self._part
        if not self._by_descriptor:
            others = getattr(part.tmpfile, "_other", None)  # --capture=tee-sys
            part.tmpfile = type(part.tmpfile)(*([] if others is None else [others]))
            self._show()
            return
        KERNEL.dup2(self._spare, part.targetfd_save, False)
        before = part.tmpfile
        fresh = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (lives as long as capture does)
        kind: Any = type(before)
        part.tmpfile = part.syscapture.tmpfile = kind(
            fresh, encoding="utf-8", errors="replace", newline="", write_through=True
        )
        self._file = _identity(part.tmpfile.fileno())
        # Whatever its descriptor is by now, it is not this file's to close.
        _abandoned.append(before)
        self._show()

    def _show(self) -> None:
        """Where tests print to, unless capture is suspended."""
        if self._part._state != "started":
            return
        setattr(sys, self._name, self._part.tmpfile)
        if self._by_descriptor:
            KERNEL.dup2(self._part.tmpfile.fileno(), self._part.targetfd)


class Nowhere(io.TextIOBase):
    """What pytest's terminal writes to in a worker. It has no descriptor that a test could close."""

    encoding = "utf-8"

    def write(self, text: str) -> int:
        return len(text)


_abandoned: list[Any] = []


def _identity(fd: int) -> _Identity:
    stat = KERNEL.fstat(fd)
    return stat.st_dev, stat.st_ino
