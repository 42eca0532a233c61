"""What a process hands on: its environment, which xdist's workers inherit from their controller, and its descriptors."""

from __future__ import annotations

import os


def changes(before: dict[str, str]) -> list[list[str | None]]:
    """What has come to the environment since, as [name, value]; None: it is gone. Not what pytest sets for each test."""
    now = dict(os.environ)
    names = [name for name in {**before, **now} if now.get(name) != before.get(name)]
    return [[name, now.get(name)] for name in names if name != "PYTEST_CURRENT_TEST"]


def descriptors() -> frozenset[int]:
    """Those that are open. Empty where nobody can tell."""
    try:
        return frozenset(fd for fd in map(int, os.listdir("/proc/self/fd")) if _is_open(fd))
    except OSError:
        return frozenset()


def _is_open(fd: int) -> bool:
    try:
        os.fstat(fd)
    except OSError:
        return False  # the listing's own
    return True
