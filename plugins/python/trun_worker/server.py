"""The fork server: a pytest that has parsed its arguments and then forks whatever it is asked for.

Its fork point is the outermost wrapper of ``pytest_cmdline_main``: arguments, configuration and initial conftests are there,
nothing is configured yet. The loop runs there and returns only in a forked worker; all that follows is pytest's own session.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from trun_worker import process
from trun_worker.wire import Channel, Disconnected, Frame

if TYPE_CHECKING:
    from _pytest.config import Config
    from _pytest.config.argparsing import Parser

    from trun_worker.link import WorkerLink


def serve(control_fd: int) -> int:
    """Run the fork server on ``control_fd``. Returns the exit code of this process: server or, after a fork, worker."""
    channel = Channel(control_fd)
    try:
        hello = channel.receive()
        return _serve(channel, hello)
    except Disconnected:
        return 3


def _serve(channel: Channel, hello: Frame) -> int:
    try:
        import pytest
        from _pytest import config as pytest_config
    except ImportError as error:
        sys.stderr.write(f"{sys.executable}: {error}\n")
        channel.send({"t": "usage", "exit": 4, "no_pytest": True})
        return 4
    server = ForkServer(channel, hello)
    args = list(hello["args"])
    sys.argv[1:] = args
    point = make_fork_point(pytest)(server)
    if hasattr(pytest_config, "_main"):
        code = int(pytest_config._main(args=args, plugins=[point], prog="pytest"))
    else:
        code = int(pytest.main(args, plugins=[point]))
    if server.worker is not None:
        return server.worker.finish(code)
    sys.stdout.flush()
    sys.stderr.flush()
    channel.send({"t": "usage", "exit": code})
    return code


class ForkServer:
    """Answers the engine's frames at a fork point. ``worker`` is set in a process that was forked to be one.

    ``worker_input``: what plugins would have told each worker from xdist's controller.
    """

    def __init__(self, channel: Channel, hello: Frame) -> None:
        self._channel = channel
        self._hello = hello
        self._prctl: Any = None
        self._tmp_factory: Any = None
        self.worker_input: dict[str, Any] = {}
        self.main_argv = [sys.argv[0], *hello["argv"]]
        self.worker: WorkerLink | None = None

    def announce(self, config: Config, xdist: list[list[str]], auto_workers: int | None) -> None:
        """Say what was parsed, then prepare, while the engine decides, what workers would each have to load."""
        from trun_worker import facts, hooks, known

        self._make_basetemp(config)
        distributions = hooks.Distributions(config)
        for name, _ in distributions.all():
            self.worker_input.update(known.WORKER_INPUT[name](config) if name in known.WORKER_INPUT else {})
        self._channel.send(facts.configured(config, distributions, xdist, auto_workers))
        self._prctl = process.prepare_pdeathsig()
        _preload()
        gc.freeze()

    def _make_basetemp(self, config: Config) -> None:
        """One ``pytest-N`` for the run, made by pytest's own factory; workers live below it."""
        from _pytest.tmpdir import TempPathFactory

        if config.pluginmanager.hasplugin("tmpdir"):
            self._tmp_factory = TempPathFactory.from_config(config, _ispytest=True)

    def worker_basetemp(self, worker: str) -> str | None:
        """The base temporary directory of one worker process; None where pytest makes none."""
        return None if self._tmp_factory is None else str(self._tmp_factory.getbasetemp() / f"popen-{worker}")

    def run_basetemp(self) -> str:
        """The base temporary directory of the run, below which those of workers are."""
        import tempfile

        return tempfile.mkdtemp(prefix="trun-") if self._tmp_factory is None else str(self._tmp_factory.getbasetemp())

    def _leave(self) -> None:
        """End the server: the lock on the base temporary directory goes, so that later runs may clean it up."""
        stack = getattr(self._tmp_factory, "_exit_stack", None)
        if stack is not None:
            stack.close()
        self._channel.close()
        process.leave(0)

    def serve(self, config: Config) -> WorkerLink:
        """Handle frames until one of them makes this process a worker. Never returns in the server."""
        while True:
            try:
                frame = self._channel.receive()
            except Disconnected:
                self._leave()
            if frame["t"] == "fork":
                link = self._fork(config, frame)
                if link is not None:
                    return link
            elif frame["t"] == "save_cache":
                self._save_cache(config, frame)
            elif frame["t"] == "exit":
                self._leave()

    def _fork(self, config: Config, frame: Frame) -> WorkerLink | None:
        fds = self._channel.take_fds(int(frame["fds"]))
        if frame["basetemp"] and self._tmp_factory is not None:
            self._tmp_factory.getbasetemp()
        try:
            pid = process.fork_to_engine()
        except OSError as error:
            _close(fds)
            self._channel.send({"t": "fork_failed", "request": frame["request"], "error": str(error)})
            return None
        if pid:
            _close(fds)
            self._channel.send({"t": "forked", "request": frame["request"], "pid": pid})
            return None
        from trun_worker.link import WorkerLink

        self._channel.close()
        self._forget_cleanup()
        self.worker = WorkerLink.take(config, fds, self._prctl, self.worker)
        return self.worker

    def _forget_cleanup(self) -> None:
        """In a worker: old temporary directories are for the server to remove, once. pytest registered that before the fork, and
        a process that has collected for others leaves as the server does."""
        import atexit

        from _pytest.pathlib import cleanup_numbered_dir

        atexit.unregister(cleanup_numbered_dir)
        stack = getattr(self._tmp_factory, "_exit_stack", None)
        if stack is not None:
            stack.pop_all()

    def serve_collector(self, config: Config) -> WorkerLink:
        """The second fork point: this process has collected for all, and its workers share that."""
        from trun_worker import page
        from trun_worker.clock import CLOCK

        assert self.worker is not None
        self.worker.page.phase(page.IDLE, CLOCK.nanoseconds())
        self._channel = self.worker.channel
        return self.serve(config)

    def _save_cache(self, config: Config, frame: Frame) -> None:
        from trun_worker import cache

        try:
            cache.save(config, frame)
            error = None
        except Exception as problem:  # the run is over: nothing of it may be lost to a cache that cannot be written
            error = f"{type(problem).__name__}: {problem}"
        self._channel.send({"t": "cache_saved", "error": error})


def make_fork_point(pytest: Any) -> Any:
    """The server's plugin class; made late, because pytest may not be importable at all."""

    class ForkPoint:
        def __init__(self, server: ForkServer) -> None:
            self._server = server

        @pytest.hookimpl(tryfirst=True)  # type: ignore[untyped-decorator, unused-ignore]
        def pytest_load_initial_conftests(self, early_config: Config, parser: Parser, args: list[str]) -> None:
            from trun_worker import xdist_compat

            self._asked = xdist_compat.Asked(parser, list(args))
            if not early_config.pluginmanager.hasplugin("xdist"):
                xdist_compat.add_options(parser)
                early_config.pluginmanager.register(xdist_compat, "trun-xdist")
            from trun_worker import demands, limits

            demands.register(early_config)
            if not early_config.pluginmanager.hasplugin("timeout"):
                limits.register(early_config, parser)

        @pytest.hookimpl(wrapper=True, tryfirst=True)  # type: ignore[untyped-decorator, unused-ignore]
        def pytest_cmdline_main(self, config: Config) -> Generator[None, Any, Any]:
            from trun_worker import xdist_compat

            self._server.announce(config, self._asked.take(config), xdist_compat.auto_workers())
            link = self._server.serve(config)
            link.enter(config, self._server)
            return (yield)

        def pytest_unconfigure(self) -> None:
            """Behind all that plugins and conftests do then, and ahead of pytest's own, which collects garbage."""
            from trun_worker import finalizers

            finalizers.spare_collections()

    return ForkPoint


def _preload() -> None:
    """Import in the server what each worker would import for itself."""
    from trun_worker import (  # noqa: F401
        fixtures,
        import_paths,
        lane,
        link,
        once,
        page,
        replay,
        report,
        runloop,
        said,
        session,
    )


def _close(fds: list[int]) -> None:
    import os

    for fd in fds:
        os.close(fd)
