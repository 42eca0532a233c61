"""What tests ask trun for: ``@pytest.mark.trun(...)``, and the markers by which trun's configuration selects tests.

Markers of a function, its classes and its modules add up: lists are joined, of ``isolate`` the nearest counts.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

_NAMES = ("isolate", "resources", "serial", "services")
_ISOLATIONS = ("none", "file", "test")
_RESOURCE = re.compile(r"((read|write|exclusive):[\w.-]+|[\w.-]+(:[1-9][0-9]{0,8})?)\Z", re.ASCII)


def register(config: pytest.Config) -> None:
    """Make the marker known: ``--strict-markers`` would refuse it."""
    config.addinivalue_line(
        "markers", "trun(isolate, resources, serial, services): what the test needs of trun while it runs"
    )


def demands(session: pytest.Session) -> list[list[Any]]:
    """[place in ``session.items``, [isolate, resources, serial, services]] of items with a ``trun`` marker.

    Raises UsageError, which names the item, if a marker says what trun does not understand.
    """
    inherited: dict[int, list[pytest.Mark]] = {}
    found = []
    for place, item in enumerate(session.items):
        marks = [mark for mark in item.own_markers if mark.name == "trun"]
        above = _of_node(item.parent, inherited)
        if marks or above:
            found.append([place, _sum([*reversed(marks), *above], item.nodeid)])
    return found


def marks(session: pytest.Session, wanted: Iterable[str]) -> list[list[Any]]:
    """[place in ``session.items``, names] of items that have some of the ``wanted`` markers."""
    names = frozenset(wanted)
    if not names:
        return []
    found = []
    for place, item in enumerate(session.items):
        has = sorted({mark.name for mark in item.iter_markers() if mark.name in names})
        if has:
            found.append([place, has])
    return found


def _of_node(node: Any, known: dict[int, list[pytest.Mark]]) -> list[pytest.Mark]:
    """The ``trun`` markers of a node and those above it, the nearest first; each node is looked at once."""
    if node is None:
        return []
    if id(node) not in known:
        own = [mark for mark in node.own_markers if mark.name == "trun"]
        known[id(node)] = [*reversed(own), *_of_node(node.parent, known)]
    return known[id(node)]


def _sum(marks: list[pytest.Mark], nodeid: str) -> list[Any]:
    isolate: str | None = None
    resources: list[str] = []
    services: list[str] = []
    serial = False
    for mark in marks:
        _check(mark, nodeid)
        isolate = isolate or mark.kwargs.get("isolate")
        serial = serial or bool(mark.kwargs.get("serial", False))
        for into, name in ((resources, "resources"), (services, "services")):
            into += [each for each in _list(mark.kwargs.get(name, [])) if each not in into]
    return [isolate, resources, serial, services]


def _list(value: Any) -> list[Any]:
    return [value] if isinstance(value, str) else list(value)


def _check(mark: pytest.Mark, nodeid: str) -> None:
    kwargs = mark.kwargs
    if mark.args:
        _refuse(nodeid, f"has no positional arguments, got {mark.args[0]!r}")
    for name in kwargs:
        if name == "once":
            # pytest allows no marks on fixtures, so that this is where somebody who means one ends.
            _refuse(nodeid, "once is for session fixtures: name the fixture in trun.toml, [fixtures] once = [...]")
        if name not in _NAMES:
            _refuse(nodeid, f"unknown argument {name!r} (known: {', '.join(_NAMES)})")
    if kwargs.get("isolate", "none") not in _ISOLATIONS:
        _refuse(nodeid, f"isolate={kwargs['isolate']!r} (allowed: {', '.join(_ISOLATIONS)})")
    for name in ("resources", "services"):
        value = kwargs.get(name, [])
        listed = isinstance(value, (str, list, tuple, set, frozenset))
        if not listed or not all(isinstance(each, str) for each in value):
            _refuse(nodeid, f"{name}={value!r} is no list of strings")
    for each in _list(kwargs.get("resources", [])):
        if not _RESOURCE.match(each):
            _refuse(nodeid, f"resources: {each!r} (allowed: NAME, NAME:UNITS, read:NAME, write:NAME)")


def _refuse(nodeid: str, what: str) -> None:
    raise pytest.UsageError(f"{nodeid}: @pytest.mark.trun: {what}")
