"""Which of pytest's options take a separate value, as runner/config/cli.cc knows it, compared with the pytest that runs this."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

import pytest
from _pytest.config import get_config

CLI = (Path(__file__).resolve().parents[2] / "runner" / "config" / "cli.cc").read_text(encoding="utf-8")
OPTIONS = (Path(__file__).resolve().parents[2] / "runner" / "config" / "option.cc").read_text(encoding="utf-8")


def words(name: str) -> set[str]:
    """The string literals of a table in cli.cc."""
    match = re.search(rf"{name}\[\] = \{{(.*?)\}};", CLI, re.DOTALL)
    assert match, f"{name} is not in cli.cc"
    return set(re.findall(r'"(-[^"]*)"', match[1]))


@pytest.fixture(scope="module")
def actions() -> list[argparse.Action]:
    """What a pytest without plugins parses with."""
    parser: Any = get_config([])._parser
    # pytest 8 builds its argparse parser on demand, pytest 9 keeps it.
    built = getattr(parser, "optparser", None) or parser._getparser()
    return [action for action in built._actions if action.option_strings]


def test_every_option_with_a_value_is_in_the_table(actions: list[argparse.Action]) -> None:
    takes_value = {flag for action in actions if action.nargs is None for flag in action.option_strings}
    ours = set(re.findall(r'"(--?[a-z][a-z-]*)"', OPTIONS))
    assert "-k" in takes_value
    assert takes_value - ours - words("kPytestValueOptions") == set()


def test_no_option_without_a_value_is_in_the_table(actions: list[argparse.Action]) -> None:
    takes_none = {flag for action in actions if action.nargs is not None for flag in action.option_strings}
    assert "-v" in takes_none
    assert takes_none & words("kPytestValueOptions") == set()


def test_short_flags_are_pytests(actions: list[argparse.Action]) -> None:
    flags = {flag[1] for action in actions if action.nargs == 0 for flag in action.option_strings if len(flag) == 2}
    match = re.search(r'kPytestShortFlags = "(\w+)"', CLI)
    assert match
    # -h is trun's own.
    assert flags - {"h"} == set(match[1])
