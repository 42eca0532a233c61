"""Where the fork server stops on its way through pytest: the hooks that lead to its two fork points (fork_server.py)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from trun_worker.plugins.coverage_data import keeping_data
from trun_worker.server import bytecode, rewriting
from trun_worker.system import finalizers

if TYPE_CHECKING:
    from _pytest.config import Config
    from _pytest.config.argparsing import Parser

    from trun_worker.server.fork_server import ForkServer


def make(pytest: Any) -> Any:
    """The server's plugin class; made late, because pytest may not be importable at all."""

    class ForkPoint:
        def __init__(self, server: ForkServer) -> None:
            self._server = server

        @pytest.hookimpl(wrapper=True, tryfirst=True)  # type: ignore[untyped-decorator, unused-ignore]
        def pytest_load_initial_conftests(
            self, early_config: Config, parser: Parser, args: list[str]
        ) -> Generator[None, Any, Any]:
            rewriting.install()
            bytecode.install(early_config)
            self._server.pass_early_point(early_config)
            # They need pytest, and are no part of what a process has imported at the early point.
            from trun_worker.collection import demands, limits
            from trun_worker.plugins import xdist_compat

            self._asked = xdist_compat.Asked(parser, list(args))
            if xdist_compat.installed(early_config) is None:
                from trun_worker.plugins import xdist_specs  # nobody needs it where xdist is installed

                xdist_compat.add_options(parser, early_config.pluginmanager.hasplugin("xdist.looponfail"))
                early_config.pluginmanager.register(xdist_compat, "trun-xdist")
                early_config.pluginmanager.add_hookspecs(xdist_specs)
            demands.register(early_config)
            if not early_config.pluginmanager.hasplugin("timeout"):
                limits.register(early_config, parser)
            with self._keeping(early_config):
                return (yield)

        def _keeping(self, early_config: Config) -> AbstractContextManager[None]:
            return nullcontext() if self._server.worker is None else keeping_data(early_config.known_args_namespace)

        @pytest.hookimpl(wrapper=True, tryfirst=True)  # type: ignore[untyped-decorator, unused-ignore]
        def pytest_cmdline_main(self, config: Config) -> Generator[None, Any, Any]:
            # It needs pytest, and is no part of what a process has imported at the early point.
            from trun_worker.plugins import controller

            finalizers.collect_no_more_than_needed()
            asked = self._asked.take(config)
            if self._server.is_unforked():
                self._server.announce(config, asked, controller.auto_workers(config))
                self._server.serve(config)
            self._server.enter(config)
            return (yield)

        def pytest_unconfigure(self) -> None:
            """Behind all that plugins and conftests do then, and ahead of pytest's own, which collects garbage."""
            finalizers.spare_collections()

    return ForkPoint


def preload() -> None:
    """Import in the server what each worker would import for itself."""
    # It needs pytest, and the time that the engine takes to decide is free.
    from trun_worker.server import worker_start  # noqa: F401
