"""A network of a worker's own: a namespace with nothing but a loopback, so that ports that are written into the tests do not
collide with those of other workers, of other runs, or of anything else on the machine."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import struct
import threading

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS = 0x8913, 0x8914
_IFF_UP = 1


def enter_own_network() -> None:
    """Move this process into a fresh network namespace and bring its loopback up. Raises OSError where the kernel refuses.

    Without the capability for it, a user namespace in which this user stays who they are supplies it; that needs a process
    with one thread.
    """
    try:
        _unshare(_CLONE_NEWNET)
    except PermissionError:
        _enter_own_users()
        _unshare(_CLONE_NEWNET)
    _bring_loopback_up()


def _enter_own_users() -> None:
    if threading.active_count() > 1:
        raise OSError(errno.EINVAL, "threads run in the process, and only root may leave the network with those")
    uid, gid = os.geteuid(), os.getegid()
    _unshare(_CLONE_NEWUSER)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def _unshare(flags: int) -> None:
    import ctypes  # slow to import, and hardly ever needed

    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _bring_loopback_up() -> None:
    """The kernel gives it 127.0.0.1 and ::1 then."""
    request = struct.Struct("16sH14x")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        name, flags = request.unpack(fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request.pack(b"lo", 0)))
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request.pack(name, flags | _IFF_UP))
