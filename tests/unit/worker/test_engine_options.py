"""What a conftest has made of the options that the engine acts upon: in a frame each is what the engine reads it as."""

from __future__ import annotations

from typing import Any

import pytest

from trun_worker.plugins import engine_options


@pytest.mark.parametrize(
    ("name", "before", "now", "told"),
    [
        ("verbose", 0, True, 1),
        ("maxfail", 0, "2", 2),
        ("durations", None, 10, 10),
        ("durations", 10, None, None),
        ("durations_min", 0.005, 0, 0.0),
        ("durations_min", None, float("inf"), engine_options._MOST),
        ("color", "auto", "yes", "yes"),
        ("no_header", False, 1, True),
    ],
)
def test_a_value_is_told_as_what_it_is_read_as(name: str, before: Any, now: Any, told: Any) -> None:
    options = engine_options.SETTABLE
    changed = engine_options.changes({**dict.fromkeys(options), name: before}, {**dict.fromkeys(options), name: now})
    assert changed[name] == told and type(changed[name]) is type(told)


@pytest.mark.parametrize(("name", "now"), [("verbose", "loud"), ("maxfail", None), ("durations", object())])
def test_what_pytest_could_not_work_with_is_left_out(name: str, now: Any) -> None:
    before: dict[str, Any] = dict.fromkeys(engine_options.SETTABLE, 0)
    assert name not in engine_options.changes(before, {**before, name: now})
