"""What a process has from another or hands on: the environment, which xdist's workers inherit from their controller,
descriptors, the terminal."""

from __future__ import annotations

import os
from contextlib import suppress


def changes(before: dict[str, str]) -> list[list[str | None]]:
    """What has come to the environment since, as [name, value]; None: it is gone. Not what pytest sets for each test."""
    now = dict(os.environ)
    names = [name for name in {**before, **now} if now.get(name) != before.get(name)]
    return [
        [name, now.get(name)] for name in names if name != "PYTEST_CURRENT_TEST" and _crosses(name + now.get(name, ""))
    ]


def _crosses(text: str) -> bool:
    """Whether it is text on the other side, too: the environment is bytes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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


def leave_terminal() -> None:
    """It would be stopped as soon as it reads from there, since it is in the background."""
    import fcntl  # hardly a process has to
    import termios

    with suppress(OSError):
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
        try:
            fcntl.ioctl(terminal, termios.TIOCNOTTY)
        finally:
            os.close(terminal)
