"""Test functions that nobody parametrises, without the definition that pytest makes of each to find that out.

pytest makes a ``FunctionDefinition``, which is a whole item, and a ``Metafunc`` for ``pytest_generate_tests``. Where no
implementation but pytest's own two would do anything, and no marker and no fixture has parameters for these, one item comes of
it that differs from the definition by its class and by its ``obj``. It is made at once: an eighth of the time of collecting.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from _pytest import python
from _pytest.fixtures import FixtureManager

from trun_worker.collection.argnames import arguments_of
from trun_worker.plugins.known_plugins import PARAMETRISE

if TYPE_CHECKING:
    from _pytest.config import Config


class PlainFunctions:
    """``find`` returns what pytest's ``PyCollector._genfunctions`` yields, or None for what only pytest knows."""

    def __init__(self) -> None:
        #: The last collector that had a fixture with parameters, and the argument names of its functions that ask for one.
        self._collector = ""
        self._parametrised: set[tuple[str, ...]] = set()

    @classmethod
    def install(cls) -> bool:
        """Put ``find`` in front of pytest's function. False, and nothing done, where pytest is built differently."""
        patched: Any = python.PyCollector
        original = patched._genfunctions
        # pytest 8.2 and newer: an item asks for the instance of its class itself.
        known = "_instance" in python.Function.__init__.__code__.co_names
        if not known or original.__module__ != python.__name__:
            return False
        if list(inspect.signature(original).parameters) != ["self", "name", "funcobj"]:
            return False
        plain = cls()

        def _genfunctions(self: Any, name: str, funcobj: Any) -> Iterator[Any]:
            __tracebackhide__ = True
            item = plain.find(self, name, funcobj)
            return original(self, name, funcobj) if item is None else iter((item,))

        patched._genfunctions = _genfunctions
        return True

    def find(self, collector: Any, name: str, function: Any) -> python.Function | None:
        __tracebackhide__ = True
        if type(function) is not FunctionType or _somebody_is_asked(collector, function):
            return None
        if any(_matters(mark) for marks in _marks(collector, function) for mark in marks):
            return None
        asked = arguments_of(function)
        if asked in self._parametrised and self._collector == collector.nodeid:
            return None
        item = python.Function.from_parent(collector, name=name, callobj=function)
        fixtures = item._fixtureinfo.name2fixturedefs.values()
        if any(definition.params is not None for definitions in fixtures for definition in definitions):
            self._remember(collector.nodeid, asked)
            return None
        # An item has its function from its module or from an instance of its class, a definition has it as it stands there.
        del item._obj, item._instance
        return item if getattr(item.obj, "__func__", item.obj) is function else None

    def _remember(self, collector: str, asked: tuple[str, ...]) -> None:
        if self._collector != collector:
            self._collector, self._parametrised = collector, set()
        self._parametrised.add(asked)


def _somebody_is_asked(collector: Any, function: FunctionType) -> bool:
    """Whether ``pytest_generate_tests`` is implemented by others than pytest itself, and may do something for the function."""
    for node in (collector.getparent(python.Module), collector.getparent(python.Class)):
        if node is not None and hasattr(node.obj, "pytest_generate_tests"):
            return True
    config: Config = collector.config
    plugins = [each.plugin for each in config.hook.pytest_generate_tests.get_hookimpls()]
    return any(_is_others(plugin, function) for plugin in plugins)


def _is_others(plugin: Any, function: FunctionType) -> bool:
    if plugin is python or type(plugin) is FixtureManager:
        return False
    may_act = PARAMETRISE.get(getattr(plugin, "__name__", ""))
    return may_act is None or may_act(function)


def _marks(collector: Any, function: FunctionType) -> Iterator[Iterable[Any]]:
    """Of the function and of all that it lies in."""
    marks = function.__dict__.get("pytestmark", ())
    yield marks if isinstance(marks, (list, tuple)) else (marks,)
    for node in collector.listchain():
        yield node.own_markers


def _matters(mark: Any) -> bool:
    """Whether somebody does something for it while items are made: parameters, or a warning that is to come once."""
    mark = getattr(mark, "mark", mark)
    name = getattr(mark, "name", None)
    return name in ("parametrize", "asyncio") or (name == "usefixtures" and not mark.args)
