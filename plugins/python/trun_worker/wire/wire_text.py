"""Text as it crosses the wire (docs/protocol.md): UTF-8, and a lone surrogate as what pytest's terminal shows for it.

A file name that is not UTF-8 has surrogates in Python, and node ids have them from there. Both ends use ``crossing``: the
node id of a frame, which the engine knows an item by, is its *wire id*.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any

#: The longest payload that the other end takes.
MAX_PAYLOAD = 256 * 1024 * 1024
_SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPED_BYTE = re.compile(r"\\udc([89a-f][0-9a-f])")
# Bound here: a test may have patched the module when a frame is due.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False).encode
_decode = json.JSONDecoder().decode
_lexists = os.path.lexists


class Unsendable(Exception):
    """What the other end would refuse; its text says why. Nothing of it has been sent."""


def crossing(text: str) -> str:
    """``text`` as the engine has it: of a node id, its wire id."""
    return text if text.isascii() else _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def path_of(text: str) -> str:
    """The path that crossed as ``text``."""
    if "\\udc" not in text or _lexists(text):
        return text
    return _ESCAPED_BYTE.sub(lambda found: chr(0xDC00 + int(found[1], 16)), text)


def encode(frame: dict[str, Any]) -> bytes:
    """The payload of ``frame``. Raises Unsendable."""
    try:
        text = _encode(frame)
    except (TypeError, ValueError) as error:
        raise Unsendable(f"a frame {frame.get('t')!r} cannot be written: {error}") from error
    try:
        payload = text.encode()
    except UnicodeEncodeError:
        payload = _SURROGATE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text).encode()
    if len(payload) > MAX_PAYLOAD:
        size, limit = len(payload) >> 20, MAX_PAYLOAD >> 20
        raise Unsendable(
            f"a frame {frame.get('t')!r} of {size} MiB is too large for the engine, which takes {limit} MiB"
        )
    return payload


def decode(payload: bytes | bytearray) -> dict[str, Any]:
    found: dict[str, Any] = _decode(payload.decode())
    return found
