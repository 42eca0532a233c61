"""Ids with surrogates, NUL, line breaks, and ten thousand characters; messages with the same."""

import pytest

GUILTY = {"expect": {}, "leaks": {}}
VALUES = ["\ud800", "\x00", "a\nb", "é€😀", "]]>&<", "x" * 10_000, "\x1b[31m", "", " ", "::", "["]


@pytest.mark.parametrize("value", VALUES)
def test_guilty(value):
    assert value == 1, f"it was {value!r} and {value}"


@pytest.mark.parametrize("value", VALUES, ids=lambda value: f"id{value}"[:50])
def test_good(value):
    print(value.encode("utf-8", "surrogatepass"))
