"""A channel goes on where somebody has replaced what Python talks to the kernel with (gevent's monkey.patch_all)."""

import os
import select
import socket
import threading

from trun_worker.system.process import fork_to_engine
from trun_worker.wire.channel import Channel


def refused(*args, **kwargs):
    raise AssertionError("this is somebody else's by now")


def test_a_channel_uses_the_kernels_own_sockets_locks_and_polls(monkeypatch):
    ours, theirs = socket.socketpair()
    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(select, "poll", refused)
    monkeypatch.setattr(threading, "Lock", refused)
    ends = [Channel(os.dup(ours.fileno())), Channel(os.dup(theirs.fileno()))]
    ends[0].send({"t": "hello"})
    assert ends[1].pending()
    assert ends[1].receive() == {"t": "hello"}
    for end in (*ends, ours, theirs):
        end.close()


def test_a_fork_for_the_engine_waits_with_the_kernels_own_call(monkeypatch):
    monkeypatch.setattr(os, "waitpid", refused)
    monkeypatch.setattr(os, "fork", refused)
    pid = fork_to_engine()
    if pid == 0:
        os._exit(0)
    assert pid > 0
