"""A worker's link to the engine: its channel, its pages, and what the engine told it at the start."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from trun_worker import controller, network, page, process, voice, xdist_compat
from trun_worker.clock import CLOCK
from trun_worker.fixtures import own_folders, register
from trun_worker.leases import Leases
from trun_worker.page import RunPage, StatusPage
from trun_worker.starters import Starters
from trun_worker.wire import Channel, Frame
from trun_worker.wire_text import Unsendable

if TYPE_CHECKING:
    import pytest
    from _pytest.config import Config

    from trun_worker.server import ForkServer


class WorkerLink:
    """One per worker process; made right after the fork, lives until the process ends."""

    def __init__(self, channel: Channel, status: StatusPage, run: RunPage, start: Frame) -> None:
        self.channel = channel
        self.page = status
        self.run_page = run
        self.start = start
        self.config: Config | None = None
        self.session: pytest.Session | None = None
        #: What the tests that were assigned hold of the named resources, by wire id.
        self.leases = Leases()
        #: Why some tests went through the standard lane.
        self.standard: set[str] = set()
        #: Where journals of the run's workers lie (coverage_data.py); "": nowhere.
        self.journals = ""
        #: The temporary folder that only this worker uses; "": there is none.
        self.tmpdir = ""
        #: Who started what this process will wait for at its end.
        self.starters = Starters()
        self._environment_set = False

    @classmethod
    def take(cls, config: Config | None, fds: list[int], prctl: Any, server: ForkServer) -> WorkerLink:
        """Become a worker: wait for ``start`` before anything else runs (docs/protocol.md, order of a fork).

        ``config``: None where pytest is not imported yet.
        """
        channel = Channel(fds[0])
        start = channel.receive()
        if start["separation"]["network"] == "namespace" and start["role"] == "worker":
            network.enter_own_network()
        process.settle(int(start["engine_pid"]), bool(start["attached"]), prctl)
        process.write_stacks_on(int(start["stacks_signal"]), fds[3])
        if start["address_space"]:
            process.limit_address_space(int(start["address_space"]))
        status = StatusPage(fds[1])
        status.phase(page.START, CLOCK.nanoseconds())
        run = RunPage(fds[2], int(start["slot"]), int(start["worker_count"]), int(start["maxfail"]))
        process.take_output(fds[4], fds[5], fds[6] if len(fds) > 6 else None, config)
        if config is not None and server.worker is not None:  # the collector's, that this one was forked from
            process.redirect_faulthandler(config)
        link = cls(channel, status, run, start)
        if start["fresh"]:
            server.worker = link
            server.worker_input = start["worker_input"]
            link.set_environment(server)
        if start["observe"]:
            server.observer.begin()
        return link

    def enter(self, config: Config, server: ForkServer) -> None:
        """Make the parsed configuration that of this worker and put trun's plugin in."""
        from trun_worker.once import OnceFixtures
        from trun_worker.said import SaidByHooks
        from trun_worker.session import WorkerPlugin

        self.config = config
        self.be_worker(config, server)
        plugin = WorkerPlugin(config, self, server)
        config.pluginmanager.register(plugin, "trun-worker")
        register(config, plugin.link)
        if self.start["separation"]["once"]:
            config.pluginmanager.register(OnceFixtures(self.start["separation"]["once"], plugin.link), "trun-once")
        if SaidByHooks.speaks(self.start):
            config.pluginmanager.register(SaidByHooks(config, header=not self.start["host"]), "trun-said")

    def be_worker(self, config: Config, server: ForkServer) -> None:
        """Environment, ``workerinput`` and the options that differ from the controller's."""
        start = self.start
        if not self._environment_set:
            self.set_environment(server)
        if start["terminal"] == "pytest":
            return
        if start["host"]:
            self.journals = os.path.dirname(server.worker_basetemp(self._name()) or "")
        if start["workerinput"]:
            xdist_compat.be_worker(config, start, server.main_argv, server.worker_input)
            controller.configure_worker(config, start)
            self._own_basetemp(config, server)
        config.option.xmlpath = None

    def set_environment(self, server: ForkServer) -> None:
        """The variables of this worker. In a fresh one before it imports what is the user's, which may read or change them."""
        self._environment_set = True
        inherit_environment(self.start["inherited"])
        os.environ.update(self.start["env"])
        folders = own_folders(server.run_basetemp, self._name(), self.start["separation"])
        os.environ.update(folders)
        self.tmpdir = folders.get("TMPDIR", "")
        if self.start["workerinput"]:
            xdist_compat.set_environment(self.start)

    def _own_basetemp(self, config: Config, server: ForkServer) -> None:
        config.option.basetemp = server.worker_basetemp(self._name())
        if hasattr(config, "_tmp_path_factory"):
            from _pytest.tmpdir import TempPathFactory

            config._tmp_path_factory = TempPathFactory.from_config(config, _ispytest=True)

    def _name(self) -> str:
        """Of this process: "gw0", "gw0-2" for its replacement."""
        attempt = int(self.start["attempt"])
        return str(self.start["worker_id"]) + (f"-{attempt}" if attempt > 1 else "")

    def after_last(self, session: Any) -> Any:
        """What follows the last item. With once-fixtures the session, so that its fixtures live until it ends (once.py)."""
        return session if self.start["separation"]["once"] else None

    def finish(self, code: int, raised: bool) -> int:
        """Say that the session is over: nothing is left but the interpreter's exit. Returns the exit code of the process.

        ``raised``: a hook's exception has ended it.
        """
        output = voice.output(self.config, self.session, code) if self.start["host"] else ""
        self.page.phase(page.EXIT, CLOCK.nanoseconds())
        done = {"t": "done", "exit": code, "raised": raised, "workeroutput": output, "written": True}
        awaited = {"threads": self.starters.awaited(), "handlers": list(self.starters.registered_in)}
        try:
            self.channel.send({**done, **awaited, "standard": sorted(self.standard)})
        except Unsendable as error:
            process.say(f"trun: {error}: the plugin host does without its workeroutput\n")
            self.channel.send({**done, **awaited, "workeroutput": "", "standard": sorted(self.standard)})
        self.channel.close()
        return 0


def inherit_environment(changes: list[list[str | None]]) -> None:
    """What configuring has changed in the host's environment: [name, value; None: it is gone]."""
    for name, value in changes:
        if value is None:
            os.environ.pop(str(name), None)
        else:
            os.environ[str(name)] = value
