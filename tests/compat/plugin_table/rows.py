"""The table of plugins as data (plugins.json), and what runs said of each. Values; nothing runs here."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Plugin:
    """`suites` are folders of plugin_suites; `needs` is what they want installed besides, for pip; `note` is for users."""

    name: str
    version: str
    suites: tuple[str, ...] = ("plain",)
    needs: tuple[str, ...] = ()
    note: str = ""


def load_plugins(path: Path) -> list[Plugin]:
    """Raises TypeError for an unknown key."""
    entries: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    for entry in entries:
        entry.update({key: tuple(entry[key]) for key in ("suites", "needs") if key in entry})
    return [Plugin(**entry) for entry in entries]


@dataclass
class Seen:
    """What runs of one variant said: `differs` names the runs that were not as pytest's, with the first difference of each."""

    variant: str
    differs: dict[str, str] = field(default_factory=dict)
    xdist: str = ""
    collect: str = ""
    workers: int = 0
    solo: bool = False
    host: bool = False
    lane: str = ""
    why: tuple[str, ...] = ()


@dataclass
class Row:
    plugin: Plugin
    seen: list[Seen] = field(default_factory=list)
    failed: str = ""
