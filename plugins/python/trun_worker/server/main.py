"""How the fork server starts: it hears what it is to be, runs pytest's main, and ends as what it has become by then."""

from __future__ import annotations

import sys

from trun_worker.server import fork_points, pytest_main
from trun_worker.server.exec_guard import ExecGuard
from trun_worker.server.fork_server import ForkServer
from trun_worker.wire.channel import Channel, Disconnected, Frame
from trun_worker.wire.wire_text import path_of

#: pytest's code for an internal error: where a process ends with another before its session has, code of the user's has ended it.
_FAILED = 3


def serve(control_fd: int) -> int:
    """Run the fork server on ``control_fd``. Returns the exit code of this process: server or, after a fork, worker."""
    channel = Channel(control_fd)
    try:
        hello = channel.receive()
    except Disconnected:
        return _FAILED
    server = ForkServer(channel, hello)
    try:
        return _serve(server, channel, hello)
    except Disconnected:
        return _FAILED
    except Exception:
        if server.is_at_test():
            raise
        sys.excepthook(*sys.exc_info())
        return _FAILED


def _serve(server: ForkServer, channel: Channel, hello: Frame) -> int:
    if hello["role"] == "worker":
        server.become_worker_at_once()
    elif hello["observe"]:
        server.observer.begin(from_start=True)
    if hello["import_cwd"]:
        sys.path[0] = path_of(hello["cwd"])  # as python -m pytest has it
    try:
        import pytest  # the user's, which may be missing: that is said
    except ImportError as error:
        sys.stderr.write(f"{sys.executable}: {error}\n")
        channel.send({"t": "usage", "exit": 4, "no_pytest": True})
        return 4
    if server.is_unforked():
        server.guard = ExecGuard(server.refuse)
    args = list(map(path_of, hello["args"]))
    sys.argv[1:] = args
    # They need pytest.
    from trun_worker.reports.import_hint import ImportHint
    from trun_worker.server.early_options import EarlyOptions

    plugins = [fork_points.make(pytest)(server), EarlyOptions(hello["workers"], hello["timeout"]), ImportHint()]
    code, raised = pytest_main.run(args, plugins, server.is_unforked, server.is_at_test)
    if server.worker is not None:
        return server.worker.finish(code, raised)
    if server.host is not None:
        return server.host.finish(code)
    sys.stdout.flush()
    sys.stderr.flush()
    channel.send({"t": "usage", "exit": code})
    return code
