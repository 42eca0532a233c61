"""Frames over a socket (docs/protocol.md): a length, then one JSON object.

A ``Channel`` belongs to the process that opened it. Its descriptor is high-numbered and close-on-exec, children that user
code forks lose it, and every write checks the pid: a child that returns into pytest cannot speak for its parent.
"""

from __future__ import annotations

import array
import fcntl
import json
import os
import select
import socket
import struct
from collections import deque
from typing import Any

Frame = dict[str, Any]

#: Channels are moved up here, out of the way of tests that close or reuse small descriptors.
HIGH_FD = 600
_MAX_PAYLOAD = 256 * 1024 * 1024
_MAX_FDS = 8
# Bound here: a test may have patched the modules when a frame is due.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
_decode = json.JSONDecoder().decode
_length = struct.Struct("<I")
_pack_length, _unpack_length = _length.pack, _length.unpack_from
_getpid = os.getpid
_fork = os.fork
_space_of_fds = socket.CMSG_SPACE(_MAX_FDS * 4)


def move_high(fd: int) -> int:
    """``fd`` under a number that no test closes or reuses by accident, close-on-exec."""
    high = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, HIGH_FD)
    os.close(fd)
    return high


class Disconnected(Exception):
    """The engine is gone: there is nobody left to work for."""


class Channel:
    """One end of a socket pair. Takes ownership of ``fd``."""

    def __init__(self, fd: int) -> None:
        high = move_high(fd)
        self._socket = socket.socket(fileno=high)
        self._socket.setblocking(True)
        self._pid = _getpid()
        self._buffer = bytearray()
        self._fds: deque[int] = deque()
        self._poll = select.poll()
        self._poll.register(high, select.POLLIN)
        os.register_at_fork(after_in_child=self._close_in_child)

    def adopt(self) -> None:
        """Make this process the channel's owner: right after a fork that was made to hand it over."""
        self._pid = _getpid()

    def close(self) -> None:
        self._pid = -1
        self._socket.close()

    def send(self, frame: Frame) -> None:
        """Write one frame. Silently nothing in a process that does not own the channel."""
        if _getpid() != self._pid:
            return
        payload = _encode(frame).encode("utf-8", "replace")
        try:
            self._socket.sendall(_pack_length(len(payload)) + payload)
        except (BrokenPipeError, ConnectionResetError) as error:
            raise Disconnected from error

    def pending(self) -> bool:
        """Whether a frame, or a part of one, can be read without waiting. About a microsecond."""
        return len(self._buffer) > 0 or bool(self._poll.poll(0))

    def receive(self) -> Frame:
        """Wait for the next frame. Raises Disconnected when the engine is gone."""
        while True:
            frame = self._take()
            if frame is not None:
                return frame
            self._read()

    def take_fds(self, count: int) -> list[int]:
        """The oldest ``count`` descriptors received; they belong to the caller."""
        return [self._fds.popleft() for _ in range(count)]

    def _take(self) -> Frame | None:
        if len(self._buffer) < 4:
            return None
        (length,) = _unpack_length(self._buffer)
        if not 2 <= length <= _MAX_PAYLOAD:
            raise Disconnected(f"the engine sent a frame of {length} bytes")
        if len(self._buffer) < 4 + length:
            return None
        frame: Frame = _decode(self._buffer[4 : 4 + length].decode())
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


def fork_with_channels() -> int:
    """``os.fork()`` whose child keeps the channels open, to adopt or close them itself."""
    global _handing_over
    _handing_over = True
    try:
        return _fork()
    finally:
        _handing_over = False
