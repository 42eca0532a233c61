"""The items that a worker can run, by their wire ids, under which the engine knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trun_worker.collection import demands, limits, locations
from trun_worker.wire.wire_text import crossing

if TYPE_CHECKING:
    import pytest

    from trun_worker.wire.channel import Frame


class Inventory:
    """``want``: what the engine asked to hear of items beyond their node ids (``start.want``)."""

    def __init__(self, want: dict[str, Any]) -> None:
        self._items: dict[str, list[pytest.Item]] = {}
        self._want = want

    def add(self, items: list[pytest.Item]) -> None:
        for item in items:
            self._items.setdefault(crossing(item.nodeid), []).append(item)

    def assigned(self, frame: Frame) -> list[pytest.Item]:
        """The items of an ``assign`` frame. ``repeats`` says of those whose id others have, too (parameters that read alike,
        --keep-duplicates), which of them it is, in the order of collection."""
        nth = dict(frame.get("repeats", ()))
        return [self._items[nodeid][nth.get(place, 0)] for place, nodeid in enumerate(frame["items"])]

    def find(self, nodeid: str) -> pytest.Item | None:
        """The first of that id; None if there is none."""
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
