"""Argument names of test functions, without ``inspect.signature``, which is a tenth of the time of collecting.

A plain function says in its code object what its arguments are called. For anything else (wrapped, decorated, with
defaults, a callable object, a method found elsewhere in the class) pytest's own function is asked.
"""

from __future__ import annotations

import inspect
from types import FunctionType
from typing import Any

from _pytest import compat, fixtures, python

_NOT_PLAIN = ("__wrapped__", "__signature__", "__text_signature__")


def install() -> bool:
    """Put ``names_of`` in front of pytest's function. False, and nothing done, where pytest is built differently."""
    module: Any = fixtures
    found = getattr(compat, "getfuncargnames", None)
    if found is None or getattr(module, "getfuncargnames", None) is not found:
        return False
    original: Any = found
    if list(inspect.signature(original).parameters) != ["function", "name", "cls"]:
        return False

    def getfuncargnames(function: Any, name: str = "", cls: Any = None, original: Any = original) -> Any:
        names = names_of(function, name, cls)
        return original(function, name=name, cls=cls) if names is None else names

    module.getfuncargnames = getfuncargnames
    _install_defaults()
    return True


def _install_defaults() -> None:
    """The same for the names that have defaults, which pytest asks for where it parametrises: a plain function has none."""
    module: Any = python
    original: Any = getattr(compat, "get_default_arg_names", None)
    if original is None or getattr(module, "get_default_arg_names", None) is not original:
        return

    def get_default_arg_names(function: Any, original: Any = original) -> Any:
        return () if names_of(function) is not None else original(function)

    module.get_default_arg_names = get_default_arg_names


def arguments_of(function: FunctionType) -> tuple[str, ...]:
    """All that it takes by name, with defaults or without."""
    code = function.__code__
    return code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]


def names_of(function: Any, name: str = "", cls: Any = None) -> tuple[str, ...] | None:
    """What pytest's ``getfuncargnames`` returns for a plain function; None for what only pytest knows."""
    if type(function) is not FunctionType or function.__defaults__ or function.__kwdefaults__:
        return None
    code, own = function.__code__, function.__dict__
    if code.co_posonlyargcount or (own and any(word in own for word in _NOT_PLAIN)):
        return None
    names = arguments_of(function)
    if not cls:
        return names
    found = cls.__dict__.get(name or function.__name__)
    if found is None:
        return None
    return names if isinstance(found, staticmethod) else names[1:]
