"""The plugin host: a pytest session in the role of xdist's controller, for plugins and conftests that do something there.

It configures before the workers do, without ``workerinput``, runs no test, and is told by the engine what becomes of the
workers and their tests (docs/protocol.md): what xdist's controller calls hooks for, it calls them for.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.host import late_fixtures, scheduler
from trun_worker.host.events import HostEvents
from trun_worker.host.nodes import CrashScheduler, Gateway, Node, NodeManager
from trun_worker.host.terminal_gate import HostTerminal
from trun_worker.plugins import controller, coverage_data, engine_options, hooks, known_plugins
from trun_worker.reports import session_ends, xml_records
from trun_worker.reports.cutting import Cutter
from trun_worker.reports.header_lines import HeaderLines
from trun_worker.system import finalizers, inherited, process
from trun_worker.wire import carrier
from trun_worker.wire.channel import Channel, Disconnected, Frame
from trun_worker.wire.parts import Gathering

if TYPE_CHECKING:
    from _pytest.config import Config


#: Who implements one of these is told of tests, or sums them up.
_HEAR_OF_TESTS = (
    "pytest_runtest_logstart",
    "pytest_runtest_logreport",
    "pytest_runtest_logfinish",
    "pytest_warning_recorded",
    "pytest_collectreport",
    "pytest_terminal_summary",
    "pytest_sessionfinish",
    "pytest_unconfigure",
    "pytest_runtestloop",
    "pytest_report_teststatus",
    "pytest_handlecrashitem",
)


class HostLink:
    """The host's side of its socket to the engine, and what the engine told it at the start."""

    def __init__(self, channel: Channel, start: Frame, environ: dict[str, str]) -> None:
        self.channel = channel
        self.start = start
        self.environ = environ
        self._terminal = HostTerminal(int(start["columns"]), bool(start["color"]))
        self.reason = ""
        """Why hooks had the session fail or stop."""

    @classmethod
    def take(cls, config: Config | None, fds: list[int], prctl: Any, environ: dict[str, str]) -> HostLink:
        """Become the host: wait for ``start`` before anything else runs. ``environ``: what the environment was before anything
        of the user's was imported."""
        channel = Channel(fds[0])
        start = channel.receive()
        process.settle(int(start["engine_pid"]), False, prctl)
        process.write_stacks_on(int(start["stacks_signal"]), fds[1])
        process.take_output(fds[2], fds[3], None, config)
        return cls(channel, start, environ)

    def enter(self, config: Config, main_argv: list[str]) -> None:
        """Make the parsed configuration a controller's and put trun's plugins in; all that follows is pytest's session."""
        controller.be_controller(config, self.start)
        config.option.xmlpath = self.start["xmlpath"] or None
        hooks.leave_known_ids(config)
        session = HostPlugin(config, self, self._terminal, main_argv)
        config.pluginmanager.register(LateSession(session), "trun-host-session")
        config.pluginmanager.register(self._terminal, "trun-host-terminal")
        config.pluginmanager.register(HeaderLines(config), "trun-said")

    def finish(self, code: int) -> int:
        """Say how the session ended, after all that it printed. Returns the exit code of the process."""
        process.flush_streams()
        self.channel.send({"t": "done", "exit": int(code), "reason": self.reason, **self._terminal.said})
        return 0


class LateSession:
    """Registers ``session`` where xdist registers its own: behind what plugins and conftests configure, some of which refuse to
    work with a controller that is there already (pytest-bdd's terminal reporter)."""

    def __init__(self, session: HostPlugin) -> None:
        self._session = session

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: Config) -> None:
        config.pluginmanager.register(self._session, "dsession")


class HostPlugin:
    """Registered as ``dsession``, the name under which plugins look for xdist's controller."""

    def __init__(self, config: Config, link: HostLink, terminal: HostTerminal, main_argv: list[str]) -> None:
        self._config = config
        self._link = link
        self._main_argv = main_argv
        self._channel = link.channel
        self._terminal = terminal
        self.config = config
        self.nodemanager = NodeManager(config, link.start["workers"], str(link.start["testrunuid"]))
        self.sched: Any = None
        self._nodes: dict[tuple[int, int], Node] = {}
        self._events = HostEvents(config, self.nodemanager.testrunuid)
        self.end: Frame | None = None
        self._ids = Gathering()
        self._options = engine_options.read(config)

    # -- pytest's session

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> Generator[None, Any, Any]:
        self._events.session = session
        self._terminal.take_over(self._config)
        hooks.leave_cache_alone(self._config)
        late_fixtures.postpone(self._config)
        result = yield
        self._config.hook.pytest_xdist_setupnodes(config=self._config, specs=self.nodemanager.specs)
        inputs = [self._make_node(slot, 1) for slot in range(len(self.nodemanager.specs))]
        self._channel.send(
            {
                "t": "ready",
                "inputs": inputs,
                "crashes": controller.is_implemented(self._config, ("pytest_handlecrashitem",)),
                "reports": bool(self._terminal.parts)
                or controller.is_implemented(self._config, _HEAR_OF_TESTS, known_plugins.is_deaf),
                "scheduler": self._make_scheduler(),
                "env": inherited.changes(self._link.environ),
                **self._changed_options(),
                **xml_records.take_from(self._config),
            }
        )
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> bool:
        """Nothing is collected here."""
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        if not self._channel.pending():
            finalizers.look_ahead()
        try:
            while self.end is None:
                if not self._channel.pending():
                    process.flush_streams()
                self._handle(self._channel.receive())
        except Disconnected:
            session.shouldstop = "trun is gone"
            raise session.Interrupted(session.shouldstop) from None
        self._stop(session, self.end)
        return True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._link.reason = str(session.shouldfail or session.shouldstop or "")

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> bool | None:
        """The engine shows it, unless it has shown the same exception of a worker. True: pytest need not print it."""
        if not self._terminal.is_taken:
            return None  # pytest prints it
        with suppress(Disconnected):
            self._channel.send({"t": "internal_error", **session_ends.internal_error(excrepr, excinfo, Cutter(0))})
        return True

    def _stop(self, session: pytest.Session, end: Frame) -> None:
        """End as pytest would: with the exit status that the run has so far."""
        code, reason = int(end["exit"]), str(end["reason"])
        if code == 2:
            raise session.Interrupted(reason)
        if code == 1 and end["stopped"]:
            raise session.Failed(reason)
        session.testscollected = max(session.testscollected, int(code != 5))
        if code == 5:
            session.testscollected = 0
        session.testsfailed = max(session.testsfailed, 1) if code == 1 else 0
        if code not in (0, 1, 5, 6) or (code == 6 and end["stopped"]):  # else too many warnings
            pytest.exit(reason or "the run failed", returncode=code)

    # -- what the engine says

    def _handle(self, frame: Frame) -> None:
        getattr(self, "_on_" + frame["t"])(frame)

    def _on_node(self, frame: Frame) -> None:
        text = self._make_node(int(frame["slot"]), int(frame["attempt"]))
        self._channel.send({"t": "node", "slot": frame["slot"], "attempt": frame["attempt"], "input": text})

    def _on_started(self, frame: Frame) -> None:
        node = self._node(frame)
        info = carrier.unpack(frame["text"])
        node.journals = info.pop("journals")
        node.workerinfo = {**info, "id": node.gateway.id, "spec": node.gateway.spec}
        self._config.hook.pytest_testnodeready(node=node)
        if self._events.ids:  # it takes over from another
            self._config.hook.pytest_xdist_node_collection_finished(node=node, ids=list(self._events.ids))

    def _on_told(self, frame: Frame) -> None:
        self._events.tell(self._node(frame), carrier.unpack(frame["text"]))

    def _on_collection(self, frame: Frame) -> None:
        if (whole := self._ids.add(frame)) is None:
            return
        self._events.collected(whole["ids"])
        for node in self._living():
            self._config.hook.pytest_xdist_node_collection_finished(node=node, ids=list(whole["ids"]))

    def _on_tests(self, frame: Frame) -> None:
        for test in frame["tests"]:
            self._events.tested(self._nodes_of(int(test[1])), test)

    def _on_down(self, frame: Frame) -> None:
        node = self._nodes.pop((int(frame["slot"]), int(frame["attempt"])), None)
        if node is None:
            return
        if frame["output"]:
            node.workeroutput = carrier.unpack(frame["output"])
        node.shutting_down = True
        coverage_data.adopt(node.journals, int(frame["slot"]), int(frame["attempt"]), saved=bool(frame["output"]))
        self._config.hook.pytest_testnodedown(node=node, error=frame["error"])

    def _on_crash(self, frame: Frame) -> None:
        """A worker died in a test: whoever looks after crashes may ask for it once more."""
        node = self._node(frame)
        self._events.begun(str(frame["nodeid"]))
        self._on_down(frame)
        sched = CrashScheduler(self._config, self._living(), self._events.ids)
        status = self._events.crashed(node, str(frame["nodeid"]), str(frame["text"]), sched)
        again = frame["nodeid"] in sched.pending
        answer = {"t": "crashed", "slot": frame["slot"], "attempt": frame["attempt"], "again": again, "status": status}
        self._channel.send(answer)

    def _on_failed(self, frame: Frame) -> None:
        self._events.failed(self._nodes_of(int(frame["slot"])), str(frame["nodeid"]), str(frame["text"]))

    def _on_split(self, frame: Frame) -> None:
        if (whole := self._ids.add(frame)) is not None:
            scopes = [str(self.sched._split_scope(name)) for name in whole["ids"]]
            self._channel.send({"t": "scopes", "scopes": scopes})

    def _on_end(self, frame: Frame) -> None:
        self._channel.send({"t": "ending"})
        self.end = frame

    # -- nodes

    def _make_node(self, slot: int, attempt: int) -> str:
        """What the worker's ``workerinput`` is to be, once the hooks have seen it."""
        spec = self.nodemanager.specs[slot]
        gateway = Gateway(spec)
        self._config.hook.pytest_xdist_newgateway(gateway=gateway)
        given = controller.worker_input(self._link.start, spec.id, list(self._main_argv))
        node = self._nodes[slot, attempt] = Node(self._config, self.nodemanager, gateway, given)
        self._config.hook.pytest_configure_node(node=node)
        return carrier.pack(node.workerinput)

    def _node(self, frame: Frame) -> Node:
        return self._nodes[int(frame["slot"]), int(frame["attempt"])]

    def _nodes_of(self, slot: int) -> Node | None:
        """The process of a slot whose tests are told: one that takes it over is told of after it."""
        return next((node for (at, _), node in self._nodes.items() if at == slot), None)

    def _living(self) -> list[Node]:
        return [node for node in self._nodes.values() if hasattr(node, "workerinfo")]

    def _changed_options(self) -> Frame:
        """What conftests have made of the options that the engine acts upon; nothing: as they were parsed."""
        changed = engine_options.changes(self._options, engine_options.read(self._config))
        return {"options": {**self._options, **changed}} if changed else {}

    def _make_scheduler(self) -> list[str]:
        """[kind, what it is]: "groups" of the tests that it keeps together, "refused", or nothing."""
        self.sched, found = scheduler.make(self._config)
        return found
