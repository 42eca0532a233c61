"""Frames over a socket (docs/protocol.md): a length, then one JSON object.

A ``Channel`` belongs to the process that opened it. Its descriptor is high-numbered and close-on-exec, children that user
code forks lose it, and every write checks the pid: a child that returns into pytest cannot speak for its parent.
"""

from __future__ import annotations

import array
import fcntl
import os
import select
import socket
import struct
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import Any

from trun_worker.kernel import KERNEL
from trun_worker.wire.outbox import Outbox
from trun_worker.wire.wire_text import MAX_PAYLOAD, Unsendable, decode, encode

Frame = dict[str, Any]

#: Channels are moved up here, out of the way of tests that close or reuse small descriptors.
HIGH_FD = 600
_MAX_FDS = 8
#: Seconds after which a thread looks whether another has read what it waits for.
_TURN = 0.05
# Bound here: a test may have patched the modules when a frame is due.
_length = struct.Struct("<I")
_pack_length, _unpack_length = _length.pack, _length.unpack_from
_getpid = os.getpid
_DUPLICATE = fcntl.F_DUPFD_CLOEXEC
_space_of_fds = socket.CMSG_SPACE(_MAX_FDS * 4)


def _half_of_the_limit() -> int:
    """Where a low ``ulimit -n`` has no number as high as ``HIGH_FD``."""
    import resource  # only needed under a low limit

    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2


def move_high(fd: int) -> int:
    """``fd`` under a number that no test closes or reuses by accident, close-on-exec."""
    try:
        high: int = KERNEL.fcntl(fd, _DUPLICATE, HIGH_FD)
    except OSError:
        high = KERNEL.fcntl(fd, _DUPLICATE, _half_of_the_limit())
    KERNEL.close(fd)
    return high


class Disconnected(Exception):
    """The engine is gone: there is nobody left to work for."""


class Refused(Exception):
    """The engine's answer to a question: no, and why not."""


class Channel:
    """One end of a socket pair. Takes ownership of ``fd``."""

    def __init__(self, fd: int) -> None:
        high = move_high(fd)
        self._socket = KERNEL.socket(fileno=high)
        self._socket.setblocking(True)
        self._pid = _getpid()
        self._buffer = bytearray()
        self._fds: deque[int] = deque()
        self._outbox = Outbox(self._socket)
        self._reading = KERNEL.lock()
        self._held: deque[Frame] = deque()
        self._answers: dict[int, tuple[Frame, list[int]] | None] = {}
        self._questions = count(1)
        self._poll = KERNEL.poll()
        self._poll.register(high, select.POLLIN)
        os.register_at_fork(after_in_child=self._close_in_child)

    def adopt(self) -> None:
        """Make this process the channel's owner: right after a fork that was made to hand it over."""
        self._pid = _getpid()

    def fileno(self) -> int:
        number: int = self._socket.fileno()
        return number

    def close(self) -> None:
        self._pid = -1
        self._socket.close()

    def send(self, frame: Frame) -> None:
        """Write one frame, whole whatever interrupts. Silently nothing in a process that does not own the channel.

        Raises Unsendable for what the engine would refuse.
        """
        if _getpid() != self._pid:
            return
        payload = encode(frame)
        try:
            self._outbox.send(_pack_length(len(payload)) + payload)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Disconnected from error

    def ask(self, name: str, args: Frame) -> tuple[Any, list[int]]:
        """Send a question and wait for its answer: a value, and descriptors, which are the caller's. Any thread may ask.

        Raises Refused with the engine's reason, Disconnected when the engine is gone.
        """
        if _getpid() != self._pid:
            raise Refused(f"only the process that runs the tests can ask for {name!r}: ask before it forks")
        number = next(self._questions)
        self._answers[number] = None
        try:
            self.send({"t": "question", "id": number, "name": name, "args": args})
            self._read_until(lambda: self._answers[number] is not None)
        except Unsendable as error:
            raise Refused(str(error)) from None
        finally:
            answer = self._answers.pop(number)
        assert answer is not None
        frame, fds = answer
        if frame["error"] is not None:
            raise Refused(frame["error"])
        return frame["value"], fds

    def pending(self) -> bool:
        """Whether a frame, or a part of one, can be read without waiting. About a microsecond."""
        return len(self._held) > 0 or len(self._buffer) > 0 or bool(self._poll.poll(0))

    def receive(self) -> Frame:
        """Wait for the next frame, answers aside. Raises Disconnected when the engine is gone."""
        self._read_until(lambda: len(self._held) > 0)
        return self._held.popleft()

    def _read_until(self, done: Callable[[], bool]) -> None:
        """One thread reads for all: what comes for another, that finds in its place."""
        while not done():
            if not self._reading.acquire(timeout=_TURN):
                continue
            try:
                if done():
                    return
                frame = self._take()
                if frame is None:
                    self._read()
                elif frame["t"] == "answer":
                    self._file(frame)
                else:
                    self._held.append(frame)
            finally:
                self._reading.release()

    def _file(self, answer: Frame) -> None:
        fds = self.take_fds(int(answer["fds"]))
        if answer["id"] in self._answers:
            self._answers[answer["id"]] = (answer, fds)
        else:
            for fd in fds:  # who asked was interrupted and waits no longer
                KERNEL.close(fd)

    def take_fds(self, count: int) -> list[int]:
        """The oldest ``count`` descriptors received; they belong to the caller."""
        return [self._fds.popleft() for _ in range(count)]

    def _take(self) -> Frame | None:
        if len(self._buffer) < 4:
            return None
        (length,) = _unpack_length(self._buffer)
        if not 2 <= length <= MAX_PAYLOAD:
            raise Disconnected(f"the engine sent a frame of {length} bytes")
        if len(self._buffer) < 4 + length:
            return None
        frame: Frame = decode(self._buffer[4 : 4 + length])
        del self._buffer[: 4 + length]
        return frame

    def _read(self) -> None:
        data, ancillary, _, _ = self._socket.recvmsg(1 << 18, _space_of_fds, socket.MSG_CMSG_CLOEXEC)
        if not data:
            raise Disconnected
        self._buffer += data
        for level, kind, content in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                fds = array.array("i")
                fds.frombytes(content[: len(content) - len(content) % 4])
                self._fds.extend(fds)

    def _close_in_child(self) -> None:
        # A fork made by trun itself adopts the channel right after; everyone else's child must not keep it open: the
        # engine would wait for the end of a conversation that a daemon holds.
        if not _handing_over:
            self.close()


#: Set around trun's own forks: the child keeps the channels and sorts them out itself.
_handing_over = False


def is_handing_over() -> bool:
    """Whether a fork that happens now is trun's own."""
    return _handing_over


def fork_with_channels() -> int:
    """``os.fork()`` whose child keeps the channels open, to adopt or close them itself."""
    global _handing_over
    _handing_over = True
    try:
        return KERNEL.fork()
    finally:
        _handing_over = False
