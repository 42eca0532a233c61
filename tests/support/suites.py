"""Fixtures over harness.py that several folders of tests share: import what is wanted into a conftest.py."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

import harness


def be_a_users_shell() -> None:
    """For pytest_configure: what is started here gets what a user's shell gives it, and build/trun must be there."""
    # A shell's background job ignores it, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not harness.TRUN.exists():
        raise pytest.UsageError(f"{harness.TRUN} does not exist: run ./dev build, or name it by TRUN")


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[Callable[..., harness.Suite]]:
    """Makes suites out of {file name: text}; all that they started is gone at the end, whatever happened."""
    made: list[harness.Suite] = []

    def make(files: Mapping[str, str | bytes], name: str = "suite") -> harness.Suite:
        made.append(harness.Suite(tmp_path / name, files))
        return made[-1]

    yield make
    for each in made:
        each.kill_all()


BOTH_SLOTS = """
    import os, time
    import pytest

    @pytest.fixture
    def both_slots():
        \"""Waits until tests have begun in two slots: neither has done all the work before the other came.\"""
        open(f"slot-{os.environ['TRUN_SLOT']}", "w").close()
        limit = time.monotonic() + 60
        while not (os.path.exists("slot-0") and os.path.exists("slot-1")):
            assert time.monotonic() < limit, "the other slot has no test"
            time.sleep(0.01)
    """
"""The conftest of a suite in which both of two slots are to be seen."""
