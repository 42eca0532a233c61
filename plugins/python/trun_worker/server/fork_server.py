"""The fork server: a pytest that has parsed its arguments and then forks whatever it is asked for.

It has two fork points. The late one is the outermost wrapper of ``pytest_cmdline_main``: arguments, configuration and initial
conftests are there, nothing is configured yet. The early one is the outermost wrapper of ``pytest_load_initial_conftests``:
pytest and its plugins are imported, nothing of the user's is; there the server leaves a *twin* of itself, from which workers
start where the user's files bind something to their process (observer.py). A process launched to be a worker passes both.
At each point a loop runs that returns only in a process that is a worker; all that follows is pytest's own session.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from trun_worker.clock import CLOCK
from trun_worker.observe import global_random, recorders
from trun_worker.observe.observer import Observer
from trun_worker.plugins.coverage_data import InheritedCoverage
from trun_worker.server import cache, fork_points, users_files
from trun_worker.server.exec_guard import ExecGuard
from trun_worker.system import garbage, inherited, process
from trun_worker.wire import status_page
from trun_worker.wire.channel import Channel, Disconnected, Frame
from trun_worker.wire.parts import Gathering
from trun_worker.wire.wire_text import path_of

if TYPE_CHECKING:
    from _pytest.config import Config

    from trun_worker.host.host import HostLink
    from trun_worker.worker.link import WorkerLink


class ForkServer:
    """Answers the engine's frames at a fork point. ``worker`` or ``host`` is set in a process that was forked to be one.

    ``worker_input``: what plugins would have told each worker from xdist's controller.
    """

    def __init__(self, channel: Channel, hello: Frame) -> None:
        self._channel = channel
        self._hello = hello
        self._prctl: Any = None
        self._tmp_factory: Any = None
        self._bound_plugins: list[str] = []
        self._twin, self._is_twin = 0, False
        self._is_substitute = False
        self._measured: InheritedCoverage | None = None
        self._is_bound = False
        self._descriptors = inherited.descriptors()
        self._imports_began = 0
        self._environ = dict(os.environ)
        self._results = Gathering()
        self.observer = Observer(hello.get("per_worker", ()))
        self.worker_input: dict[str, Any] = {}
        self.main_argv = [sys.argv[0], *map(path_of, hello["argv"])]
        self.worker: WorkerLink | None = None
        self.host: HostLink | None = None
        self.guard: ExecGuard | None = None

    def is_unforked(self) -> bool:
        return self.worker is None and self.host is None

    def is_at_test(self) -> bool:
        return self.worker is not None and self.worker.page.is_at_test()

    def become_worker_at_once(self) -> None:
        """This process was launched to be a worker: it has imported nothing yet."""
        frame = self._channel.receive()
        self._become(None, str(frame["role"]), self._channel.take_fds(int(frame["fds"])))

    def pass_early_point(self, config: Config) -> None:
        """pytest and its plugins are imported. Leaves a twin here; returns in the server, and in workers."""
        if not self.is_unforked():
            return
        self._bound_plugins = self.observer.end(of_libraries=True)
        garbage.watch()
        if self._hello["twin"]:
            self._leave_twin(config, self._channel.take_fds(1)[0])
        if self.is_unforked():
            self._imports_began = CLOCK.nanoseconds()
            if self._hello["observe"]:
                self.observer.begin()

    def _leave_twin(self, config: Config, fd: int) -> None:
        # Where it is not known beforehand that workers start from the twin, one that would be as the server is spared.
        may_differ = not self._hello["observe"] or users_files.may_follow(config)
        if may_differ and not self._bound_plugins:
            self._twin = process.fork_to_engine()
        if self._twin or self._bound_plugins or not may_differ:
            _close([fd])
            return
        os.setpgid(0, 0)
        self._channel.close()
        self._channel = Channel(fd)
        self._is_twin = True
        self.serve(config)

    def announce(self, config: Config, xdist: list[list[str]], auto_workers: int | None) -> None:
        """Say what was parsed, then prepare, while the engine decides, what workers would each have to load."""
        # They need pytest.
        from trun_worker.plugins import hooks, known_plugins
        from trun_worker.server import facts

        if self.guard is not None:
            self.guard.lift()
        self._make_basetemp(config)
        distributions = hooks.Distributions(config)
        for name, _ in distributions.all():
            self.worker_input.update(
                known_plugins.WORKER_INPUT[name](config) if name in known_plugins.WORKER_INPUT else {}
            )
        asked = self._hello["workers"]
        alone = ["-n", "0"] in xdist if asked is None else not asked
        bound = self.observer.end(process.capture_descriptors(config))
        self._is_bound = bool(bound or self._bound_plugins)
        seen = self.observer.recorders
        if seen.reads_own_variable:  # what they have made of it is for this process only
            self._environ = dict(os.environ)
        started = {
            "twin": self._twin,
            "imports": CLOCK.nanoseconds() - self._imports_began,
            "bound": bound,
            "bound_plugins": self._bound_plugins,
            "worker_input": self.worker_input,
            "environment": inherited.changes(self._environ),
            "own_variables": seen.reads_own_variable,
            "all_variables": seen.reads_environment,
        }
        self._channel.send({**facts.configured(config, distributions, xdist, auto_workers, alone), **started})
        self._prepare_forks()

    def _prepare_forks(self) -> None:
        """Load once what each worker would have to."""
        self._prctl = process.prepare_pdeathsig()
        fork_points.preload()

    def refuse(self, why: str) -> NoReturn:
        """End before there is anything to run, with exit code 4."""
        process.say(f"trun: {why}\n")
        self._channel.send({"t": "usage", "exit": 4})
        os._exit(4)

    def _make_basetemp(self, config: Config) -> None:
        """One ``pytest-N`` for the run, made by pytest's own factory; workers live below it."""
        from _pytest.tmpdir import TempPathFactory  # pytest may not be importable at all

        if config.pluginmanager.hasplugin("tmpdir"):
            self._tmp_factory = TempPathFactory.from_config(config, _ispytest=True)

    def worker_basetemp(self, worker: str) -> str | None:
        """The base temporary directory of one worker process; None where pytest makes none."""
        told = None if self.worker is None else self.worker.start["basetemp"]
        if told is None and self._tmp_factory is None:
            return None
        return os.path.join(told or self._tmp_factory.getbasetemp(), f"popen-{worker}")

    def run_basetemp(self) -> str:
        """The base temporary directory of the run, below which those of workers are."""
        import tempfile  # only where pytest makes no temporary directories

        told = None if self.worker is None else self.worker.start["basetemp"]
        if told is not None:
            return str(told)
        return tempfile.mkdtemp(prefix="trun-") if self._tmp_factory is None else str(self._tmp_factory.getbasetemp())

    def _tell_basetemp(self) -> None:
        """For workers that are not forked from here."""
        path = None if self._tmp_factory is None else str(self._tmp_factory.getbasetemp())
        self._channel.send({"t": "basetemp", "path": path})

    def _leave(self) -> None:
        """End the server: the lock on the base temporary directory goes, so that later runs may clean it up."""
        if self._is_twin or self._is_substitute:
            process.vanish()
        stack = getattr(self._tmp_factory, "_exit_stack", None)
        if stack is not None:
            stack.close()
        self._channel.close()
        process.leave(0)

    def enter(self, config: Config) -> None:
        """Make the parsed configuration that of the worker or host that this process is by now."""
        if self.host is not None:
            self.host.enter(config, self.main_argv)
        elif self.worker is not None:
            from trun_worker.server import worker_start  # it needs pytest

            worker_start.enter(self.worker, config, self)

    def serve(self, config: Config) -> None:
        """Handle frames until one of them makes this process a worker or the host. Never returns in the server or its twin."""
        garbage.hold()
        while True:
            try:
                frame = self._channel.receive()
            except Disconnected:
                self._leave()
            if frame["t"] == "fork":
                if self._fork(config, frame):
                    return
            elif frame["t"] == "save_cache":
                if (whole := self._results.add(frame)) is not None:
                    self._channel.send({"t": "cache_saved", "error": cache.try_to_save(config, whole)})
            elif frame["t"] == "make_basetemp":
                self._tell_basetemp()
            elif frame["t"] == "exit":
                self._leave()

    def _fork(self, config: Config, frame: Frame) -> bool:
        """Make a process. Returns True in it. ``in_place``: this one, which has imported what is the user's, becomes it, so that
        threads, sockets and locks that were made then are its own; a fork of it serves from here on."""
        fds = self._channel.take_fds(int(frame["fds"]))
        if frame["basetemp"] and self._tmp_factory is not None:
            self._tmp_factory.getbasetemp()
        if self._prctl is None:
            self._prepare_forks()
        measured, before, in_place = self._measured or InheritedCoverage(), os.getpid(), bool(frame["in_place"])
        numbers = global_random.state_to_keep()
        try:
            forked = process.fork_to_engine()
        except OSError as error:
            _close(fds)
            self._channel.send({"t": "fork_failed", "request": frame["request"], "error": str(error)})
            return False
        if forked == 0:
            global_random.keep(numbers)
        if bool(forked) != in_place:
            _close(fds)
            if in_place:
                measured.rest()
                self._measured = measured
                self._be_substitute(config, unobserved_too=frame["role"] != "host")
            made, server = (before, os.getpid()) if in_place else (forked, 0)
            self._channel.send({"t": "forked", "request": frame["request"], "pid": made, "server": server})
            return False
        garbage.resume()
        self._measured = None
        if not in_place:
            self._forget_cleanup()
            recorders.seed_again()
        self._become(config, str(frame["role"]), fds, None if in_place else measured)
        return True

    def _be_substitute(self, config: Config, unobserved_too: bool) -> None:
        """No test or hook runs here, nor do atexit handlers. What imports have opened, who imported it may close, and wait until
        nobody has it."""
        os.setpgid(0, 0)
        self._channel.adopt()
        self._is_substitute = True
        if self._is_bound or (unobserved_too and not self._hello["observe"]):
            kept = self._descriptors | process.capture_descriptors(config) | {self._channel.fileno()}
            _close(sorted(inherited.descriptors() - kept))

    def _become(
        self, config: Config | None, role: str, fds: list[int], measured: InheritedCoverage | None = None
    ) -> None:
        self._channel.close()
        if self.guard is not None:
            self.guard.lift()
        prctl = self._prctl or process.prepare_pdeathsig()
        if role == "host":
            from trun_worker.host.host import HostLink  # it needs pytest, and this process is no host for most

            self.host = HostLink.take(config, fds, prctl, self._environ)
            return
        from trun_worker.server import worker_start  # it needs pytest

        collector = self.worker
        self.worker = worker_start.take(config, fds, prctl, self)
        # One that is pytest itself (-n 0), or comes from a collector, goes on; others start their own with their session.
        if measured is not None and self.worker.start["workerinput"] and collector is None:
            measured.end()
        elif measured is not None:
            measured.go_on()

    def _forget_cleanup(self) -> None:
        """In a worker: old temporary directories are for the server to remove, once. pytest registered that before the fork, and
        a process that has collected for others leaves as the server does."""
        from _pytest.pathlib import cleanup_numbered_dir  # pytest may not be importable at all

        atexit.unregister(cleanup_numbered_dir)
        stack = getattr(self._tmp_factory, "_exit_stack", None)
        if stack is not None:
            stack.pop_all()

    def serve_collector(self, config: Config) -> WorkerLink:
        """The second fork point: this process has collected for all, and its workers share that."""
        assert self.worker is not None
        self.worker.page.phase(status_page.IDLE, CLOCK.nanoseconds())
        self._channel = self.worker.channel
        self.serve(config)
        return self.worker


def _close(fds: list[int]) -> None:
    for fd in fds:
        os.close(fd)
