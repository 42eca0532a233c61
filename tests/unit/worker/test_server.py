"""The fork server's own: what its workers must not do for it."""

from contextlib import ExitStack
from types import SimpleNamespace

from trun_worker.server.fork_server import ForkServer


def test_a_worker_does_not_remove_old_folders_for_the_server():
    removed = []
    stack = ExitStack()
    stack.callback(removed.append, "pytest-1")
    server = ForkServer(None, {"argv": []})
    server._tmp_factory = SimpleNamespace(_exit_stack=stack)
    server._forget_cleanup()
    stack.close()
    assert removed == []
