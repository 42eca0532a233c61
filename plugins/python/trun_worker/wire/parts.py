"""What grows with the suite travels in parts: no frame holds all of it, and neither end has all of it in memory twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

#: Characters, about: the first frame that is not below that is sent.
_PART = 4 * 1024 * 1024
#: Of an entry besides its text.
_MORE = 16


def collected(frame: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The frames of which ``frame``, a `collected`, is made: as many `collected_part` as it takes, and what is left of it."""
    empty: dict[str, Any] = {"t": "collected_part", "items": [], "reports": []}
    for name in ("items", "reports", "timeouts", "demands", "marks"):
        entries = frame[name]
        # Of an item the node id counts: a look at all of it is felt in large suites.
        *parts, rest = _parts(entries, (len(item[0]) for item in entries) if name == "items" else map(_weight, entries))
        for part in parts:
            yield {**empty, name: part}
        frame[name] = rest
    yield frame


def _parts(entries: list[Any], weights: Iterable[int]) -> list[list[Any]]:
    """``entries`` divided; the last part may be empty."""
    found = []
    start = size = 0
    for place, weight in enumerate(weights, 1):
        size += weight + _MORE
        if size >= _PART:
            found.append(entries[start:place])
            start, size = place, 0
    return [*found, entries[start:]]


def _weight(entry: Any) -> int:
    if isinstance(entry, str):
        return len(entry)
    if isinstance(entry, dict):
        return sum(map(_weight, entry.values()))
    return sum(map(_weight, entry)) if isinstance(entry, (list, tuple)) else _MORE


class Gathering:
    """Puts frames together whose ``more`` says that others follow."""

    def __init__(self) -> None:
        self._frame: dict[str, Any] = {}

    def add(self, frame: dict[str, Any]) -> dict[str, Any] | None:
        """The whole, once it is there."""
        for name, value in frame.items():
            known = self._frame.get(name)
            if isinstance(known, list):
                known += value
            elif isinstance(known, dict):
                known.update(value)
            else:
                self._frame[name] = value
        if frame["more"]:
            return None
        whole, self._frame = self._frame, {}
        return whole
