"""Long texts of reports: the middle is cut out, and a note says how much it was. A test may print more than the wire carries."""

from __future__ import annotations

from typing import Any

#: Bytes of text of one test, whatever the limit for each: escaped as JSON and packed for the host it fits into a frame.
MOST = 32 * 1024 * 1024
#: Up to so many characters more are cut away, so that lines stay whole.
_LINE = 4096
#: However many texts there are: each keeps so many bytes.
_LEAST = 64


class Cutter:
    """``limit``: bytes that each text may have; 0: any number, as long as those of a test together are not above ``MOST``."""

    def __init__(self, limit: int) -> None:
        self._limit = min(limit or MOST, MOST)

    def may_cut(self, size: int) -> bool:
        """Whether there may be anything to cut in what has so many bytes in all."""
        return size > self._limit

    def cut(self, value: Any) -> Any:
        """``value`` with every text in it, at whatever depth, cut to the limit, and to less where there are too many."""
        limit = self._limit
        value = _each(value, limit)
        while limit > _LEAST and _size(value) > MOST:
            limit //= 2
            value = _each(value, limit)
        return value


def cut(text: str, limit: int) -> str:
    """Head and tail of ``text``, together about ``limit`` bytes as UTF-8, and between them a note of what is not there."""
    if len(text) * 4 <= limit or (size := _bytes(text)) <= limit:
        return text
    kept = limit * len(text) // size // 2
    head, tail = kept, len(text) - kept
    slack = min(_LINE, kept // 2)
    head = text.rfind("\n", head - slack, head) + 1 or head
    tail = text.find("\n", tail, tail + slack) + 1 or tail
    left_out = size - _bytes(text[:head]) - _bytes(text[tail:])
    note = f"[trun: {left_out:,} of {size:,} bytes are left out here (--section-limit)]"
    before = "" if text[:head].endswith("\n") else "\n"
    return f"{text[:head]}{before}{note}\n{text[tail:]}"


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _each(value: Any, limit: int) -> Any:
    if isinstance(value, str):
        return cut(value, limit)
    if isinstance(value, dict):
        return {key: _each(entry, limit) for key, entry in value.items()}
    if type(value) in (list, tuple):
        return type(value)(_each(entry, limit) for entry in value)
    return value


def _size(value: Any) -> int:
    if isinstance(value, str):
        return _bytes(value)
    if isinstance(value, dict):
        return sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, (list, tuple)) else 0
