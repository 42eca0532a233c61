"""The items that a worker can run, by their wire ids, under which the engine knows them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

from trun_worker.collection import demands, limits, locations
from trun_worker.wire.wire_text import crossing

if TYPE_CHECKING:
    import pytest


class Inventory:
    """``want``: what the engine asked to hear of items beyond their node ids (``start.want``)."""

    def __init__(self, want: dict[str, Any]) -> None:
        self._items: dict[str, deque[pytest.Item]] = {}
        self._want = want

    def add(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._items.setdefault(crossing(item.nodeid), deque()).append(item)

    def take(self, nodeid: str) -> pytest.Item:
        """The next item of that id: duplicates (--keep-duplicates) are handed out in the order of collection."""
        return self._items[nodeid].popleft()

    def peek(self, nodeid: str) -> pytest.Item | None:
        """What ``take`` would give; None if there is nothing."""
        items = self._items.get(nodeid)
        return items[0] if items else None

    def describe(self, session: pytest.Session) -> dict[str, Any]:
        """What the ``collected`` frame says of the items. Raises UsageError for a ``trun`` marker that says nonsense."""
        return {
            "items": self._items_of(session.items),
            "timeouts": limits.timeouts(session),
            "default_timeout": limits.default(session.config),
            "demands": demands.demands(session),
            "marks": demands.marks(session, self._want["marks"]),
        }

    def _items_of(self, items: list[pytest.Item]) -> list[list[Any]]:
        """[nodeid, line, group] of each."""
        if not self._want["location"] and not self._want["group"]:
            return [[item.nodeid, -1, ""] for item in items]
        return [self._describe(item) for item in items]

    def _describe(self, item: pytest.Item) -> list[Any]:
        return [
            item.nodeid,
            locations.line_number(item.location[1], -1) if self._want["location"] else -1,
            _group(item) if self._want["group"] else "",
        ]


def _group(item: pytest.Item) -> str:
    marker = item.get_closest_marker("xdist_group")
    if marker is None:
        return ""
    return str(marker.args[0] if marker.args else marker.kwargs.get("name", "default"))
