"""The host's terminal. pytest's terminal reporter stays registered there and counts; what it would print, trun prints.

What plugins write through it, and print, passes: as lines while the run goes on, and as the text of the summary when they are
asked for that, which then stands at its place in trun's own. So does the text of a part of the summary that somebody overrides,
in a reporter derived from pytest's or in pytest's own class.
"""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO, cast

import pytest
from _pytest.terminal import TerminalReporter

if TYPE_CHECKING:
    from _pytest.config import Config


#: What pytest's reporter calls for the parts of its summary (``_pytest/terminal.py``); the engine knows them by these names.
_PARTS = (
    "summary_errors",
    "summary_failures",
    "summary_xfailures",
    "summary_warnings",
    "summary_passes",
    "summary_xpasses",
    "short_test_summary",
    "summary_stats",
)


class TerminalGate:
    """The file that the terminal reporter writes to, and ``sys.stdout`` while summaries are asked for."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._muted = 0
        self._kept: list[str] | None = None

    def write(self, text: str) -> int:
        if self._muted:
            return len(text)
        if self._kept is not None:
            self._kept.append(text)
        else:
            self._out.write(text)
        return len(text)

    def flush(self) -> None:
        if not self._muted:
            self._out.flush()

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._out.fileno()

    def mute(self) -> None:
        self._muted += 1

    def unmute(self) -> None:
        self._muted -= 1

    @contextmanager
    def keep(self, into: list[str]) -> Generator[None, None, None]:
        """What passes and what is printed is added to ``into``. Who asks for it may be mute itself: those who answer are not."""
        before = self._muted, self._kept
        self._muted, self._kept = 0, into
        try:
            with redirect_stdout(cast(TextIO, self)):
                yield
        finally:
            self._muted, self._kept = before

    def muted(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, whose own writing is not seen; what others write between the steps of a generator is."""
        if inspect.isgeneratorfunction(function):
            return self._muted_steps(function)

        @functools.wraps(function)
        def silently(*args: Any, **kwargs: Any) -> Any:
            self.mute()
            try:
                return function(*args, **kwargs)
            finally:
                self.unmute()

        return silently

    def _muted_steps(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def silently(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
            steps = function(*args, **kwargs)
            step: Callable[[], Any] = steps.__next__
            while True:
                self.mute()
                try:
                    given = step()
                except StopIteration as end:
                    return end.value
                finally:
                    self.unmute()
                try:
                    got = yield given
                except BaseException as error:
                    step = functools.partial(steps.throw, error)
                else:
                    step = functools.partial(steps.send, got)

        return silently


class HostTerminal:
    """Plugin of the host: puts the gate in, and keeps the text of the plugins' summaries in ``summary``, that of the parts
    of pytest's summary that are overridden in ``parts``."""

    def __init__(self, columns: int, color: bool) -> None:
        self.gate = TerminalGate(sys.stdout)
        self.summary: list[str] = []
        self.parts: dict[str, list[str]] = {}
        self.is_taken = False
        """Whether pytest's terminal reporter is there, and muted."""
        self._columns, self._color = columns, color

    @property
    def said(self) -> dict[str, Any]:
        """For the frame ``done``."""
        parts = [(name, "".join(kept)) for name, kept in self.parts.items()]
        return {"summary": "".join(self.summary), "parts": parts}

    def take_over(self, config: Config) -> None:
        """Once all plugins are configured, and have put their own reporters in pytest's place."""
        reporter: Any = config.pluginmanager.getplugin("terminalreporter")
        if reporter is None:
            return
        self.is_taken = True
        writer = reporter._tw
        writer._file = self.gate
        if getattr(config.option, "color", "auto") == "auto":
            writer.hasmarkup = self._color  # the gate is no terminal
        writer.fullwidth = self._columns
        self._keep_parts(reporter)
        self._mute_pytests(config, reporter)

    def _keep_parts(self, reporter: Any) -> None:
        for name in _PARTS:
            method = getattr(reporter, name, None)
            if method is not None and getattr(method, "__module__", None) != TerminalReporter.__module__:
                self.parts[name] = []
                setattr(reporter, name, self._keeping(method, self.parts[name]))

    def _keeping(self, method: Callable[[], Any], into: list[str]) -> Callable[[], Any]:
        @functools.wraps(method)
        def keep() -> Any:
            with self.gate.keep(into):
                return method()

        return keep

    def _mute_pytests(self, config: Config, reporter: Any) -> None:
        """The reporter's own hooks, and the sections that pytest's other plugins add to the summary (durations, say)."""
        for name, caller in list(vars(config.pluginmanager.hook).items()):
            for implementation in getattr(caller, "get_hookimpls", list)():
                function = implementation.function
                module = str(function.__module__)
                own = implementation.plugin is reporter and module == TerminalReporter.__module__
                if own and name in ("pytest_runtest_logstart", "pytest_runtest_logreport"):
                    implementation.function = _counting(config, reporter) if name.endswith("report") else _nothing
                elif own or (name == "pytest_terminal_summary" and module.startswith("_pytest.")):
                    implementation.function = self.gate.muted(function)
        # A plugin's reporter that is derived from pytest's calls what it overrides.
        for name, function in list(vars(TerminalReporter).items()):
            if name.startswith("pytest_"):
                setattr(TerminalReporter, name, self.gate.muted(function))

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_terminal_summary(self) -> Generator[None, Any, Any]:
        with self.gate.keep(self.summary):
            return (yield)


def _counting(config: Config, reporter: Any) -> Callable[..., None]:
    """What pytest's reporter does with a report, less the writing: three times for every test."""
    hook: Any = config.hook

    def count(report: Any) -> None:
        reporter._tests_ran = True
        category = hook.pytest_report_teststatus(report=report, config=config)[0]
        reporter._add_stats(category, [report])

    return count


def _nothing(*args: object) -> None:
    pass
