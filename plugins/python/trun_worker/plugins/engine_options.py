"""pytest's options that the engine acts upon: how they stand in a frame, and which of them a conftest may set."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _pytest.config import Config


#: Those that a conftest may set for the whole run, and what each is in a frame.
SETTABLE: dict[str, Callable[[Any], Any]] = {
    "maxfail": int,
    "verbose": int,
    "reportchars": str,
    "tbstyle": str,
    "showcapture": str,
    "durations": lambda value: None if value is None else int(value),
    "durations_min": lambda value: None if value is None else float(value),
    "color": str,
    "no_header": bool,
    "no_summary": bool,
    "disable_warnings": bool,
    "continue_on_collection_errors": bool,
}
_MOST = (1 << 31) - 1


def read(config: Config) -> dict[str, Any]:
    """As they are now (docs/protocol.md, ``options``)."""
    option = config.option

    def get(dest: str, default: Any) -> Any:
        value = getattr(option, dest, None)
        return default if value is None else value

    told = {
        "verbose": get("verbose", 0),
        "reportchars": get("reportchars", "fE"),
        "tbstyle": get("tbstyle", "auto"),
        "xfail_tb": bool(get("xfail_tb", False)),
        "durations": getattr(option, "durations", None),
        "durations_min": getattr(option, "durations_min", None),
        "color": get("color", "auto"),
        "capture": get("capture", "fd"),
        "maxfail": get("maxfail", 0),
        "showcapture": get("showcapture", "all"),
        "no_terminal": config.pluginmanager.is_blocked("terminal"),
        "no_header": bool(get("no_header", False)),
        "no_summary": bool(get("no_summary", False)),
        "disable_warnings": bool(get("disable_warnings", False)),
        "continue_on_collection_errors": bool(get("continue_on_collection_errors", False)),
        "xmlpath": getattr(option, "xmlpath", None),
        "junitprefix": get("junitprefix", ""),
        "max_warnings": _max_warnings(config),
        "cache": config.pluginmanager.hasplugin("cacheprovider"),
        "keyword": get("keyword", ""),
        "markexpr": get("markexpr", ""),
        "importmode": get("importmode", "prepend"),
        "ignore": [os.path.abspath(path) for path in get("ignore", [])],
        "ignore_glob": [os.path.abspath(path) for path in get("ignore_glob", [])],
        "fold_skipped": bool(get("fold_skipped", True)),
        "force_short_summary": bool(get("force_short_summary", False)),
    }
    return {name: _within(value) for name, value in told.items()}


def changes(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    """Of two readings: what a conftest has set in between, less what pytest could not work with either (a word as a number)."""
    changed = {}
    for name, kind in SETTABLE.items():
        with suppress(TypeError, ValueError):
            value = kind(now[name])
            if value != before[name]:
                changed[name] = _within(value)
    return changed


def _within(value: Any) -> Any:
    """A number that the engine knows, and that means the same there: ``--maxfail=1000000000000``, ``--durations-min=inf``."""
    if isinstance(value, float):
        return 0.0 if math.isnan(value) else max(-_MOST, min(value, _MOST))
    return max(-_MOST, min(value, _MOST)) if type(value) is int else value


def _max_warnings(config: Config) -> int | None:
    value = getattr(config.option, "max_warnings", None)
    value = getini(config, "max_warnings") if value is None else value
    return None if value in (None, "") else int(value)


def getini(config: Config, name: str) -> Any:
    """Empty where this pytest has no such setting."""
    try:
        return config.getini(name)
    except (ValueError, KeyError):
        return ""
