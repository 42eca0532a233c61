"""What a type is, whatever its metaclass answers: nothing here runs the user's code."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

_get_bases: Any = type.__dict__["__mro__"].__get__
_get_names: Any = type.__dict__["__dict__"].__get__
_get_module: Any = type.__dict__["__module__"].__get__
_get_name: Any = type.__dict__["__name__"].__get__


def bases_of(kind: type) -> tuple[type, ...]:
    """Itself and all that it inherits from, in the order of look-ups."""
    found: tuple[type, ...] = _get_bases(kind)
    return found


def own_names(kind: type) -> Mapping[str, Any]:
    """What it defines itself."""
    found: Mapping[str, Any] = _get_names(kind)
    return found


def module_of(kind: type) -> str:
    """ "" for a class without one, or with something else in its place."""
    with suppress(AttributeError):
        found = _get_module(kind)
        return found if isinstance(found, str) else ""
    return ""


def name_of(kind: type) -> str:
    found: str = _get_name(kind)
    return found
