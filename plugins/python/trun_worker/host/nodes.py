"""What the controller's hooks get in place of xdist's objects: a worker as they know it, and the scheduler of a crash.

They have the attributes that plugins use. There is no execnet behind them: what would send code to a worker raises
AttributeError.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _pytest.config import Config


class Spec:
    """As ``execnet.XSpec("popen//id=gw0")``."""

    def __init__(self, name: str) -> None:
        self.id = name
        self.popen = True
        self.python = self.chdir = self.ssh = self.socket = self.via = None
        self.execmodel = "main_thread_only"
        self.env: dict[str, str] = {}
        self._spec = "execmodel=main_thread_only//popen"

    def __str__(self) -> str:
        return self._spec

    def __repr__(self) -> str:
        return f"<XSpec {self._spec!r}>"


class RemoteInfo:
    """As what a gateway says of its interpreter: workers have the host's."""

    def __init__(self) -> None:
        self.executable = sys.executable
        self.version_info = tuple(sys.version_info)
        self.platform = sys.platform
        self.cwd = os.getcwd()
        self.pid = os.getpid()


class Gateway:
    """As ``execnet.Gateway``: the process of a worker."""

    def __init__(self, spec: Spec) -> None:
        self.id = spec.id
        self.spec = spec
        self.remoteaddress: str | None = None

    def _rinfo(self, update: bool = False) -> RemoteInfo:
        return RemoteInfo()

    def __repr__(self) -> str:
        return f"<Gateway id={self.id!r}>"


class Node:
    """As xdist's ``WorkerController``: one worker process. ``workerinput`` is what its hooks may add to before it starts."""

    def __init__(self, config: Config, manager: Any, gateway: Gateway, workerinput: dict[str, Any]) -> None:
        self.config = config
        self.nodemanager = manager
        self.gateway = gateway
        self.workerinput = workerinput
        self.workerinfo: dict[str, Any]  # once it is ready
        self.journals = ""  # as above: where the process keeps what is to survive it
        self.workeroutput: dict[str, Any]  # once its session has ended by itself
        self.shutting_down = False

    def __repr__(self) -> str:
        return f"<WorkerController {self.gateway.id}>"


class NodeManager:
    """As xdist's: which workers there are, and the run's id."""

    def __init__(self, config: Config, names: Sequence[str], testrunuid: str) -> None:
        self.config = config
        self.testrunuid = testrunuid
        self.specs = [Spec(name) for name in names]
        self.roots: list[str] = []


class CrashScheduler:
    """The ``sched`` of ``pytest_handlecrashitem``: all that it can be asked is to run the test once more."""

    def __init__(self, config: Config, nodes: Sequence[Node], collection: Sequence[str]) -> None:
        self.config = config
        self.nodes = list(nodes)
        self.collection = list(collection)
        self.pending: list[str] = []

    def mark_test_pending(self, item: str) -> None:
        self.pending.append(item)
