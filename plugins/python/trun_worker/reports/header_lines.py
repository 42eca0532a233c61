"""What hooks have to say beside the tests: the header lines of plugins and conftests, and those below "collected".

pytest's terminal asks for them, but nobody reads that terminal in a worker: one process of the run passes them on, to its
standard output, past the capture.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.config import Config

    from trun_worker.wire.channel import Frame

#: What the terminal shows over "collecting ... ", which it has left open.
_OPEN_LINE = len("collecting ... ")


class HeaderLines:
    """Plugin of the one process that ``speaks``. pytest calls these hooks only where it shows what they return.

    ``header``: whether the header's lines are passed on; with a plugin host they are that process's to say.
    """

    def __init__(self, config: Config, header: bool = True) -> None:
        self._config = config
        self._header = header

    @staticmethod
    def speaks(start: Frame) -> bool:
        """Whether the process that was started so is the one."""
        if start["terminal"] == "pytest":
            return False
        return bool(start["role"] == "collector" or (start["slot"] == 0 and start["attempt"] == 1))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_header(self) -> Generator[None, list[Any], list[Any]]:
        said = yield
        # The engine has shown pytest's own: rootdir, configfile, plugins.
        if self._header:
            self._say([lines for lines in said if not _is_pytests_own(lines)])
        return said

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_collectionfinish(self) -> Generator[None, list[Any], list[Any]]:
        said = yield
        self._say(said)
        return said

    def _say(self, said: list[Any]) -> None:
        lines = []
        for part in reversed(said):  # as pytest's terminal does
            lines += [part] if isinstance(part, str) else list(part)
        if not lines:
            return
        manager: Any = self._config.pluginmanager.getplugin("capturemanager")
        with manager.global_and_fixture_disabled() if manager is not None else nullcontext():
            _write(lines)


def _write(lines: list[str]) -> None:
    if sys.stdout.isatty():
        lines = [f"\r{lines[0]:{_OPEN_LINE}}", *lines[1:]]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _is_pytests_own(lines: Any) -> bool:
    return isinstance(lines, list) and bool(lines) and str(lines[0]).startswith("rootdir: ")
