"""A conftest or plugin that replaces the fork server by another program (``os.execv`` and its like) while it is imported.

pytest would simply start again, with another environment say; the engine would lose whom it talks to. So the run ends, and says
who did that and what to do instead.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

# Bound here: this module's own look is nobody's.
_getpid = os.getpid

_ADVICE = (
    "trun cannot follow it there: set what it sets before trun starts, or in [env] of trun.toml (docs/configuration.md), "
    "so that it finds it done"
)


class ExecGuard:
    """From its making until ``lift``. ``refuse`` is told why and does not return; children are left alone."""

    def __init__(self, refuse: Callable[[str], NoReturn]) -> None:
        self._refuse = refuse
        self._pid = _getpid()
        self._real: dict[str, Any] = {name: getattr(os, name) for name in ("execv", "execve")}
        for name in self._real:
            setattr(os, name, self._guarded(name))

    def _guarded(self, name: str) -> Callable[..., Any]:
        def call(*args: Any) -> Any:
            if _getpid() == self._pid:
                self._refuse(f"{_caller()} replaces the interpreter by another program while it is imported; {_ADVICE}")
            return self._real[name](*args)

        return call

    def lift(self) -> None:
        """Nothing is guarded any more. A module that has imported the functions keeps this object, but not the server by it."""
        for name, function in self._real.items():
            setattr(os, name, function)
        self._pid, self._refuse = -1, _nobody


def _nobody(why: str) -> NoReturn:
    raise AssertionError(why)


def _caller() -> str:
    """ "/path/conftest.py:3": who called, past this module and ``os``."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename == os.execvp.__code__.co_filename:
        frame = frame.f_back
    return f"{frame.f_code.co_filename}:{frame.f_lineno}"
