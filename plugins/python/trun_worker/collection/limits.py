"""Time limits of tests, as their markers and settings give them, and files that may not be imported because that took too long.

The engine keeps the clocks. Markers and settings are pytest-timeout's (https://pypi.org/project/pytest-timeout); where that
plugin is active, its tests are left to it, and so is ``--timeout`` on trun's command line: the engine's limit stands behind.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_LONGEST = 1 << 50  # nanoseconds, the longest that the wire knows
_UNKNOWN: Any = object()
_HANDED_OVER = pytest.StashKey[float]()
#: Seconds that fixtures may take beside a limit that is the function's alone: the engine's default.
_OF_FIXTURES = 3600.0


def register(config: pytest.Config, parser: pytest.Parser) -> None:
    """Make marker and ini key known, in place of the plugin."""
    config.addinivalue_line("markers", "timeout(seconds): end the test if it takes longer (trun, as pytest-timeout)")
    parser.addini("timeout", "time limit of a test in seconds (trun, as pytest-timeout)")


def hand_over(config: pytest.Config, seconds: float | None) -> None:
    """``--timeout`` on trun's command line, None if it is not there: the plugin's, where it is active."""
    if seconds is not None and config.pluginmanager.hasplugin("timeout"):
        config.option.timeout = config.stash[_HANDED_OVER] = seconds


def timeouts(session: pytest.Session) -> list[list[int]]:
    """[place in ``session.items``, nanoseconds] of items that have a limit of their own; 0: none at all."""
    if session.config.pluginmanager.hasplugin("timeout"):
        return list(_behind_plugin(session))
    inherited: dict[int, float | None] = {}
    found = []
    for place, item in enumerate(session.items):
        limit = _of_marks(item.own_markers, _UNKNOWN)
        if limit is _UNKNOWN:
            limit = _inherited(item.parent, inherited)
        if limit is not None:
            found.append([place, _nanoseconds(limit)])
    return found


def _behind_plugin(session: pytest.Session) -> Iterator[list[int]]:
    """What the plugin limits otherwise than by what was handed over to it."""
    given = session.config.stash.get(_HANDED_OVER, None)
    if given is None:
        return
    of_functions = bool(session.config.getini("timeout_func_only"))
    for place, item in enumerate(session.items):
        mark = item.get_closest_marker("timeout")
        own = None if mark is None else _of_marks([mark], None)
        of_function = of_functions if mark is None else mark.kwargs.get("func_only", of_functions)
        limit = given if own is None else own
        if of_function and limit > 0:
            limit += _OF_FIXTURES
        if limit != given:
            yield [place, _nanoseconds(limit)]


def default(config: pytest.Config) -> int | None:
    """The limit of all others, by pytest-timeout's setting, in nanoseconds; None if there is none."""
    limit = None if config.pluginmanager.hasplugin("timeout") else _setting(config)
    return None if limit is None else _nanoseconds(limit)


def _nanoseconds(seconds: float) -> int:
    return int(min(seconds * 1e9, _LONGEST))


def _inherited(node: Any, known: dict[int, float | None]) -> float | None:
    """The limit that the nodes above an item give it, each looked at once."""
    if node is None:
        return None
    if id(node) not in known:
        limit = _of_marks(node.own_markers, _UNKNOWN)
        known[id(node)] = _inherited(node.parent, known) if limit is _UNKNOWN else limit
    return known[id(node)]


def _of_marks(marks: list[pytest.Mark], otherwise: Any) -> Any:
    for mark in marks:
        if mark.name == "timeout":
            value = mark.args[0] if mark.args else mark.kwargs.get("timeout")
            return _seconds(value)
    return otherwise


def _setting(config: pytest.Config) -> float | None:
    """pytest-timeout's environment variable and ini key."""
    value: Any = os.environ.get("PYTEST_TIMEOUT")
    if value is None:
        try:
            value = config.getini("timeout") or None
        except (ValueError, KeyError):
            value = None
    return _seconds(value)


def _seconds(value: Any) -> float | None:
    try:
        seconds = math.nan if value is None else float(value)
        return None if math.isnan(seconds) else max(seconds, 0.0)
    except OverflowError:
        return math.inf
    except (TypeError, ValueError):
        return None


class BrokenFile(pytest.File):
    """Stands for a test file whose import ended or hung a process: collecting it is an error that says so."""

    why = ""

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, why: str) -> BrokenFile:
        made: BrokenFile = cls.from_parent(parent, path=path)
        made.why = why
        return made

    def collect(self) -> list[pytest.Item]:
        raise self.CollectError(self.why)
