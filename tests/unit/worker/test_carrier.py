"""What crosses between host and workers: what execnet carries comes back as it was, all else as plain values."""

from __future__ import annotations

import enum
from collections import OrderedDict
from pathlib import Path

import pytest

from trun_worker.wire import carrier


class Number(enum.IntEnum):
    ONE = 1


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        -1,
        2**70,
        0.5,
        1j,
        "text\ud800",
        b"\x00\xff",
        [1, [2]],
        (1, "a"),
        {1, 2},
        frozenset({3}),
        {"k": (1, {2: b"v"})},
    ],
)
def test_a_value_comes_back_as_it_was(value: object) -> None:
    back = carrier.unpack(carrier.pack(value))
    assert back == value
    assert type(back) is type(value)


def test_what_cannot_cross_is_made_plain() -> None:
    value = {"number": Number.ONE, "path": Path("/a"), "order": OrderedDict(a=(Number.ONE,)), "object": object}
    back = carrier.unpack(carrier.pack(value))
    assert back == {"number": 1, "path": "/a", "order": {"a": (1,)}, "object": repr(object)}
    assert type(back["number"]) is int
