"""The items that a worker can run, by the node ids under which the engine knows them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest


class Inventory:
    """``want``: what the engine asked to hear of items beyond their node ids (``start.want``)."""

    def __init__(self, want: dict[str, bool]) -> None:
        self._items: dict[str, deque[pytest.Item]] = {}
        self._want = want

    def add(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._items.setdefault(_wire_id(item), deque()).append(item)

    def take(self, nodeid: str) -> pytest.Item:
        """The next item of that id: duplicates (--keep-duplicates) are handed out in the order of collection."""
        return self._items[nodeid].popleft()

    def describe(self, items: list[pytest.Item]) -> list[list[Any]]:
        """``items`` as the ``collected`` frame has them: [nodeid, line, group]."""
        if not self._want["location"] and not self._want["group"]:
            return [[item.nodeid, -1, ""] for item in items]
        return [self._describe(item) for item in items]

    def _describe(self, item: pytest.Item) -> list[Any]:
        line = item.location[1] if self._want["location"] else None
        return [item.nodeid, -1 if line is None else line, _group(item) if self._want["group"] else ""]


def _wire_id(item: pytest.Item) -> str:
    """The node id as it comes back from the engine: lone surrogates do not cross (docs/protocol.md)."""
    nodeid = item.nodeid
    return nodeid if nodeid.isascii() else nodeid.encode("utf-8", "replace").decode("utf-8")


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    if marker is None:
        return ""
    return str(marker.args[0] if marker.args else marker.kwargs.get("name", "default"))
