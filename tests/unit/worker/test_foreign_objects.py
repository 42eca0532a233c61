"""ForeignObjects: what a look at an imported object tells, and that none of its code runs."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest

from trun_worker.collection.foreign_objects import ForeignObjects

_TEXT = """
import abc, collections, dataclasses, enum, itertools, pathlib, re, typing, unittest

RAN = []

def ran(*args, **keywords):
    RAN.append(args)
    return args[0]

class Plain:
    def method(self): ran()
    @property
    def lazy(self): return ran(self)

class Edge:
    __rshift__ = ran

class Text:
    def __str__(self): return ran("x")

class Lookup:
    def __getattr__(self, name): return ran(name)

class Proxy:
    __class__ = property(ran)

class Meta(type):
    __or__ = ran

class WithMeta(metaclass=Meta): pass

class Generic(typing.Generic[typing.TypeVar("T")]): pass

class Subscripted:
    def __class_getitem__(cls, item): return ran(item)

@dataclasses.dataclass(order=True)
class Data:
    x: int = 0

Pair = collections.namedtuple("Pair", "a b")

class Color(enum.Enum):
    RED = 1

class Abstract(abc.ABC): pass

class HeardTest:
    def __init_subclass__(cls, **keywords): ran(cls)

class DerivedTest(HeardTest, unittest.TestCase): pass

class QuietTest(unittest.TestCase): pass

class MetaTest(metaclass=Meta): pass

number, text, nothing, path, pattern = 1, "x", None, pathlib.Path("x"), re.compile("x")
names, table = ["a", "b"], {"a": (1, 2)}
plain, edge, shown, lookup, proxy, data, pair = Plain(), Edge(), Text(), Lookup(), Proxy(), Data(), Pair(1, [2])
edges, nested = [Edge()], {"a": [Edge()]}
count, iterator, grows = itertools.count(), iter(names), collections.defaultdict(list)
"""


@pytest.fixture
def lib() -> Iterator[types.ModuleType]:
    module = types.ModuleType("foreign_lib")
    module.__file__ = __file__ + ".none"
    sys.modules["foreign_lib"] = module
    exec(compile(_TEXT, "foreign_lib.py", "exec"), vars(module))
    module.RAN.clear()  # by `DerivedTest`
    yield module
    del sys.modules["foreign_lib"]


def _holds(kind: str, name: str) -> bool:
    return ForeignObjects().hold([(kind, f"foreign_lib.{name}")], "")


@pytest.mark.parametrize(
    "name",
    "number text nothing path pattern names table plain data pair Plain Generic Color Color.RED.value Abstract ran".split(),
)
def test_plain_values(lib: types.ModuleType, name: str) -> None:
    assert _holds("value", name)
    assert not lib.RAN


@pytest.mark.parametrize(
    "name", "edge shown lookup proxy WithMeta Subscripted edges nested count iterator grows plain.lazy missing".split()
)
def test_values_that_run_code(lib: types.ModuleType, name: str) -> None:
    assert not _holds("value", name)
    assert not lib.RAN


@pytest.mark.parametrize("name", ["number", "edge", "count", "plain.method", "Plain.method", "table"])
def test_plain_reads(lib: types.ModuleType, name: str) -> None:
    assert _holds("read", name)
    assert not lib.RAN


@pytest.mark.parametrize("name", ["plain.lazy", "lookup.anything", "missing", "number.missing"])
def test_reads_that_may_run_code(lib: types.ModuleType, name: str) -> None:
    assert not _holds("read", name)
    assert not lib.RAN


def test_attributes_that_a_module_makes_when_asked(lib: types.ModuleType) -> None:
    vars(lib)["__getattr__"] = lib.ran
    assert not _holds("read", "png")
    assert _holds("read", "number")
    assert not ForeignObjects().hold([("value", "foreign_lib")], "")
    assert not lib.RAN


def test_what_a_mark_would_decorate(lib: types.ModuleType) -> None:
    assert _holds("inert", "number")
    assert not _holds("inert", "ran")
    assert not _holds("inert", "Plain")


def test_bases(lib: types.ModuleType) -> None:
    # The text of their module cannot be read: it may ask for subclasses.
    assert not _holds("base", "QuietTest")
    lib.__file__ = types.__file__
    assert _holds("base", "QuietTest")
    assert _holds("base", "Abstract")
    assert not _holds("base", "HeardTest")
    assert not _holds("base", "DerivedTest")
    assert not _holds("base", "MetaTest")
    assert not _holds("base", "number")
    assert not lib.RAN


def test_relative_names(lib: types.ModuleType) -> None:
    assert ForeignObjects().hold([("value", ".number")], "foreign_lib")
    assert not ForeignObjects().hold([("value", ".number")], "")
