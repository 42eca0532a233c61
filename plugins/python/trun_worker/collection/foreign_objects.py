"""Whether an object of another module runs anybody's code when a test file reads, uses or subclasses it.

The engine knows from a file's text what it does at module level, but not to what kind of object: ``lib.a >> lib.b`` adds two
numbers or makes an edge of a graph. What it assumes about them (``Assumption`` in collectors/module_effects.h) is looked up
here, once the file's imports are made, and without running any of that code. What is not known does not hold.
"""

from __future__ import annotations

import enum
import importlib.util
import inspect
import sys
from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path
from types import FunctionType, MethodDescriptorType, ModuleType, WrapperDescriptorType
from typing import Any

#: Modules whose types do with operators, iteration and the like what everybody expects.
_KNOWN = frozenset(
    "_collections _collections_abc _decimal _io _sre abc array builtins collections copyreg dataclasses datetime decimal enum"
    " errno fractions functools ipaddress numbers numpy os pathlib posixpath _pytest pytest re reprlib string sys time types"
    " typing typing_extensions uuid zoneinfo".split()
)
#: Of the standard library, what inherits keeps no list.
_KNOWN_BASES = _KNOWN | frozenset(
    getattr(sys, "stdlib_module_names", ("unittest", "asyncio", "threading", "json", "io"))
)
#: What a class may define without anything being done to its objects: these run when one is made, called or dropped.
_PASSIVE = frozenset(
    "__abstractmethods__ __annotate__ __annotate_func__ __annotations__ __annotations_cache__ __call__ __classcell__ __del__"
    " __dict__ __doc__ __firstlineno__ __init__ __init_subclass__ __match_args__ __module__ __name__ __new__ __new_member__"
    " __orig_bases__ __parameters__ __post_init__ __qualname__ __sizeof__ __slots__ __static_attributes__ __test__"
    " __type_params__ __weakref__".split()
)
#: Of a collection with more objects, nobody looks at all.
_MOST = 2000


class _Unknown(Exception):
    """The object cannot be had without running code."""


class ForeignObjects:
    """One per worker: it remembers what it has found out about classes."""

    def __init__(self) -> None:
        self._plain: dict[type, bool] = {}
        self._asking: dict[str, bool] = {}

    def hold(self, assumes: Iterable[tuple[str, str]], package: str) -> bool:
        """Whether all of them hold: ``kind`` and dotted name each. ``package``: that of the file, "" if it has none."""
        return all(self._holds(kind, name, package) for kind, name in assumes)

    def _holds(self, kind: str, name: str, package: str) -> bool:
        try:
            found = self._look_up(importlib.util.resolve_name(name, package) if name.startswith(".") else name)
            if kind == "value":
                return self._is_plain(found)
            if kind == "inert":
                return not issubclass(type(found), (type, FunctionType)) and self._is_plain(found)
            return kind == "read" or self._is_unheard_base(found)
        except (_Unknown, ImportError):
            return False

    def _look_up(self, name: str) -> Any:
        parts = name.split(".")
        found: Any = sys.modules.get(parts[0])
        if found is None:
            raise _Unknown
        for place, part in enumerate(parts[1:], 2):
            found = self._attribute(found, part)
            # A package may have a function of the name of its submodule: `from package.run import x` is of the latter.
            if place < len(parts):
                found = sys.modules.get(".".join(parts[:place]), found)
        return found

    def _attribute(self, owner: Any, name: str) -> Any:
        """As ``owner.name``, where that only reads it."""
        kind = type(owner)
        if not self._is_plain_type(kind):
            raise _Unknown
        if issubclass(kind, ModuleType):
            if name in vars(owner):
                return vars(owner)[name]
            raise _Unknown
        if issubclass(kind, enum.EnumMeta) and name in owner.__members__:
            return owner.__members__[name]
        if issubclass(kind, enum.Enum) and name == "value":
            return owner._value_
        try:
            found = inspect.getattr_static(owner, name)
        except AttributeError:
            raise _Unknown from None
        # What a property returns, only its code knows.
        if _has(type(found), "__get__") and type(found) not in (FunctionType, staticmethod, classmethod):
            raise _Unknown
        return found

    def _is_plain(self, found: Any) -> bool:
        """Also of the elements of a collection, which comparing and iterating reach."""
        left = [found]
        for count, each in enumerate(left):
            if count > _MOST or not self._is_plain_object(each):
                return False
            if issubclass(type(each), (list, tuple, set, frozenset, deque, dict)):
                left.extend(each)
            if issubclass(type(each), dict):
                left.extend(dict.values(each))
        return True

    def _is_plain_object(self, found: Any) -> bool:
        if issubclass(type(found), ModuleType) and "__getattr__" in vars(found):
            return False
        # Generic types make values of themselves; a project's own `__class_getitem__` may do anything.
        if issubclass(type(found), type) and any(
            "__class_getitem__" in vars(each) and not _is_of(each, _KNOWN) for each in found.__mro__
        ):
            return False
        return self._is_plain_type(type(found))

    def _is_plain_type(self, kind: type) -> bool:
        known = self._plain.get(kind)
        if known is None:
            # An iterator is moved on for all; a defaultdict grows by being asked.
            known = not _has(kind, "__next__") and not issubclass(kind, defaultdict)
            known = known and all(_is_of(each, _KNOWN) or _is_passive(each) for each in kind.__mro__)
            self._plain[kind] = known
        return known

    def _is_unheard_base(self, found: Any) -> bool:
        """Whether nobody is told of a class that inherits from it, nor looks for such."""
        if not issubclass(type(found), type) or not all(_is_of(each, _KNOWN_BASES) for each in type(found).__mro__):
            return False
        own = [each for each in found.__mro__ if not _is_of(each, _KNOWN_BASES)]
        return not any("__init_subclass__" in vars(each) or self._asks_for_subclasses(each.__module__) for each in own)

    def _asks_for_subclasses(self, module: str) -> bool:
        """Whether the text of the module does."""
        known = self._asking.get(module)
        if known is None:
            try:
                known = b"__subclasses__" in Path(str(sys.modules[module].__file__)).read_bytes()
            except (KeyError, AttributeError, OSError):
                known = True
            self._asking[module] = known
        return known


def _has(kind: type, name: str) -> bool:
    return any(name in vars(each) for each in kind.__mro__)


def _is_of(kind: type, modules: frozenset[str]) -> bool:
    # Not `kind.__module__`: a metaclass may have its own.
    module = type.__dict__["__module__"].__get__(kind)
    return isinstance(module, str) and module.partition(".")[0] in modules


def _is_passive(kind: type) -> bool:
    """Has nothing of its own that operators or iteration reach."""
    return all(
        name in _PASSIVE or not (name.startswith("__") and name.endswith("__")) or not _runs_code(value)
        for name, value in vars(kind).items()
    )


def _runs_code(method: Any) -> bool:
    """Unless dataclasses, attrs, namedtuple or enum have put it there."""
    if type(method) is FunctionType:
        written = method.__code__.co_filename.startswith("<")
        return not written and str(method.__globals__.get("__name__")).partition(".")[0] not in _KNOWN
    if type(method) in (WrapperDescriptorType, MethodDescriptorType):
        return not _is_of(method.__objclass__, _KNOWN)
    return callable(method) or _has(type(method), "__get__")
