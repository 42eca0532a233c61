"""Options as xdist's controller has them, set before plugins are loaded that look at them."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.collection import limits
from trun_worker.plugins import reasons

if TYPE_CHECKING:
    from _pytest.config import Config


class EarlyOptions:
    """Plugin of the fork server. Some plugins take their role when they are loaded (pytest-cov does): they see a controller's
    options by then. ``asked``: whether trun is to use workers; None: unless addopts says otherwise. ``timeout``: --timeout on
    trun's command line, in seconds."""

    def __init__(self, asked: bool | None, timeout: float | None) -> None:
        self._asked = asked
        self._timeout = timeout

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: Config) -> Generator[None, Any, Any]:
        options = early_config.known_args_namespace
        workers = getattr(options, "numprocesses", None) != 0 if self._asked is None else self._asked
        options.numprocesses = int(workers and not any(reasons.own_terminal(options)))
        return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_cmdline_main(self, config: Config) -> Generator[None, Any, Any]:
        limits.hand_over(config, self._timeout)
        return (yield)
