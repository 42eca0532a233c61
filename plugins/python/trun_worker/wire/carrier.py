"""Values that cross between the plugin host and workers: the types that execnet carries for xdist, as text.

The engine passes the text on and does not look into it. ``marshal`` knows just those types (None, numbers, text, bytes, lists,
tuples, sets, dicts) and costs less than JSON; both ends run in one interpreter.
"""

from __future__ import annotations

import binascii
import marshal
import os
from typing import Any

_dumps, _loads = marshal.dumps, marshal.loads
_to_text, _to_bytes = binascii.b2a_base64, binascii.a2b_base64

_LEAVES = (str, bytes, bool, int, float, complex)


def pack(value: Any) -> str:
    """``value`` as text. What none of the types can hold becomes its ``repr``."""
    try:
        data = _dumps(value)
    except (ValueError, TypeError):
        data = _dumps(plain(value))
    return _to_text(data, newline=False).decode("ascii")


def unpack(text: str) -> Any:
    """The value that ``pack`` made ``text`` of."""
    return _loads(_to_bytes(text))


def plain(value: Any) -> Any:
    """``value`` in the types themselves: of an enumeration its number, of a path its text."""
    if value is None or value is Ellipsis:
        return value
    for kind in _LEAVES:
        if isinstance(value, kind):
            return value if type(value) is kind else kind(value)  # type: ignore[arg-type]
    if isinstance(value, dict):
        return {plain(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, set, frozenset)):
        kinds = (list, set, frozenset)
        return next(kind for kind in kinds if isinstance(value, kind))(map(plain, value))
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return os.fspath(value) if isinstance(value, os.PathLike) else repr(value)
