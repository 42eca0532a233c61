"""How a forked process becomes a worker: its first acts, its environment, and trun's plugins in the configuration."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

from _pytest.tmpdir import TempPathFactory

from trun_worker.clock import CLOCK
from trun_worker.fixtures.fixtures import own_folders, register
from trun_worker.plugins import controller, hooks, xdist_compat
from trun_worker.reports.header_lines import HeaderLines
from trun_worker.reports.xml_records import NoReportOfPytests
from trun_worker.run.session import WorkerPlugin
from trun_worker.system import network, process
from trun_worker.wire import status_page
from trun_worker.wire.channel import Channel
from trun_worker.wire.status_page import RunPage, StatusPage
from trun_worker.worker.link import WorkerLink

if TYPE_CHECKING:
    from _pytest.config import Config

    from trun_worker.server.fork_server import ForkServer


def take(config: Config | None, fds: list[int], prctl: Any, server: ForkServer) -> WorkerLink:
    """Become a worker: wait for ``start`` before anything else runs (docs/protocol.md, order of a fork).

    ``config``: None where pytest has not parsed its arguments yet.
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
    status.phase(status_page.START, CLOCK.nanoseconds())
    run = RunPage(fds[2], int(start["slot"]), int(start["worker_count"]), int(start["maxfail"]))
    process.take_output(fds[4], fds[5], fds[6] if len(fds) > 6 else None, config)
    if config is not None and server.worker is not None:  # the collector's, that this one was forked from
        process.redirect_faulthandler(config)
    link = WorkerLink(channel, status, run, start)
    if start["fresh"]:
        server.worker = link
        server.worker_input = start["worker_input"]
        _set_environment(link, server)
    if start["observe"]:
        server.observer.begin()
    return link


def enter(link: WorkerLink, config: Config, server: ForkServer) -> None:
    """Make the parsed configuration that of this worker and put trun's plugins in."""
    link.config = config
    _be_worker(link, config, server)
    if link.start["terminal"] != "pytest":
        hooks.leave_known_ids(config)
    plugin = WorkerPlugin(config, link, server.observer, partial(_serve_collector, server))
    config.pluginmanager.register(plugin, "trun-worker")
    if link.start["terminal"] != "pytest":
        config.pluginmanager.register(NoReportOfPytests(), "trun-no-xml")
    register(config, plugin.link)
    if link.start["separation"]["once"]:
        from trun_worker.fixtures.once import OnceFixtures  # it needs pickle; hardly a run has such fixtures

        config.pluginmanager.register(OnceFixtures(link.start["separation"]["once"], plugin.link), "trun-once")
    if HeaderLines.speaks(link.start):
        config.pluginmanager.register(HeaderLines(config, header=not link.start["host"]), "trun-said")


def _serve_collector(server: ForkServer, config: Config) -> WorkerLink:
    """The second fork point. Returns in a worker that was forked there, as what the configuration is that worker's."""
    link = server.serve_collector(config)
    link.config = config
    _be_worker(link, config, server)
    return link


def _be_worker(link: WorkerLink, config: Config, server: ForkServer) -> None:
    """Environment, ``workerinput`` and the options that differ from the controller's."""
    start = link.start
    if not link.has_environment:
        _set_environment(link, server)
    # As pytest and xdist's workers have it: suites put things beside the report. The engine writes it, after pytest.
    config.option.xmlpath = start["xmlpath"] or getattr(config.option, "xmlpath", None)
    if start["terminal"] == "pytest":
        return
    if start["host"]:
        link.journals = os.path.dirname(server.worker_basetemp(link.name()) or "")
    if start["workerinput"]:
        xdist_compat.be_worker(config, start, server.main_argv, server.worker_input)
        controller.configure_worker(config, start)
        _own_basetemp(link, config, server)


def _set_environment(link: WorkerLink, server: ForkServer) -> None:
    """The variables of this worker. In a fresh one before it imports what is the user's, which may read or change them."""
    link.has_environment = True
    _inherit_environment(link.start["inherited"])
    os.environ.update(link.start["env"])
    folders = own_folders(server.run_basetemp, link.name(), link.start["separation"])
    os.environ.update(folders)
    link.tmpdir = folders.get("TMPDIR", "")
    if link.start["workerinput"]:
        xdist_compat.set_environment(link.start)


def _own_basetemp(link: WorkerLink, config: Config, server: ForkServer) -> None:
    config.option.basetemp = server.worker_basetemp(link.name())
    factory = getattr(config, "_tmp_path_factory", None)
    if factory is not None:
        # The same object: pytest's tmpdir_factory has it already, and so may a plugin or a conftest.
        vars(factory).update(vars(TempPathFactory.from_config(config, _ispytest=True)))


def _inherit_environment(changes: list[list[str | None]]) -> None:
    """What configuring has changed in the host's environment: [name, value; None: it is gone]."""
    for name, value in changes:
        if value is None:
            os.environ.pop(str(name), None)
        else:
            os.environ[str(name)] = value
