"""A warning on its way to the host: its class, text and place. Where the class or its arguments cannot cross, its text does."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from trun_worker.wire import carrier


def describe(record: warnings.WarningMessage) -> dict[str, Any]:
    """``record`` in types that a carrier takes."""
    message: Any = record.message
    is_warning = isinstance(message, Warning)
    return {
        "text": str(message),
        "message": _name(type(message)) if is_warning else None,
        "args": _args(message.args) if is_warning else None,
        "category": _name(record.category) if record.category is not None else None,
        "filename": str(record.filename),
        "lineno": int(record.lineno),
        "line": None if record.line is None else str(record.line),
    }


def restore(data: dict[str, Any]) -> warnings.WarningMessage:
    """The warning that ``describe`` was given, as far as its class can be had here."""
    category: Any = _class(data["category"]) or Warning
    message: Any = data["text"]
    if data["message"] is not None:
        message = _make(_class(data["message"]), data)
    return warnings.WarningMessage(message, category, data["filename"], data["lineno"], line=data["line"])


def _make(kind: Any, data: dict[str, Any]) -> Warning:
    if kind is not None and data["args"] is not None:
        try:
            made: Warning = kind(*data["args"])
            return made
        except TypeError:
            pass
    return Warning(f"{'.'.join(data['message'])}: {data['text']}")


def _name(kind: type) -> list[str]:
    return [kind.__module__, kind.__name__]


def _class(name: list[str] | None) -> Any:
    if name is None:
        return None
    try:
        return getattr(importlib.import_module(name[0]), name[1], None)
    except ImportError:
        return None


def _args(args: tuple[Any, ...]) -> Any:
    return args if carrier.plain(args) == args else None
