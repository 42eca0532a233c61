"""pytest's main, and how it ends where the user's code ends it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

_PACKAGE = __name__.partition(".")[0]
#: What shells make of a command that SIGINT has ended.
_INTERRUPTED = 130


class Ended(NamedTuple):
    """How pytest's main has ended."""

    code: int
    #: By an exception of the user's: a hook that ends the session, or a conftest of the server, has raised it.
    raised: bool


def run(args: list[str], plugins: list[Any], is_server: Callable[[], bool], is_at_test: Callable[[], bool]) -> Ended:
    """What the pytest command would have ended with, also where a hook raises when the session is over (an exception: 1), or a
    conftest while the server imports it (``sys.exit()``, a skip, whatever a hook raises there).

    ``is_server``: whether this process has not been forked to be something else. ``is_at_test``: whether it is in the middle of a
    test, which has spoiled what its session needs then: what was raised ends the process, and the engine knows whose it is.
    """
    # It may not be importable when this module is: the server says so.
    import pytest
    from _pytest import config as pytest_config

    try:
        if hasattr(pytest_config, "_main"):
            return Ended(int(pytest_config._main(args=args, plugins=plugins, prog="pytest")), raised=False)
        return Ended(int(pytest.main(args, plugins=plugins)), raised=False)
    except BaseException as error:
        if is_at_test():
            raise
        return _ended(error, is_server())


def _ended(error: BaseException, is_server: bool) -> Ended:
    import pytest  # as in run()

    if isinstance(error, SystemExit):
        return Ended(_code(error.code), raised=True)
    if isinstance(error, (pytest.exit.Exception, pytest.skip.Exception)):
        traceback.print_exception(type(error), error, error.__traceback__)
    elif isinstance(error, Exception) and not (is_server and _is_ours(error)):
        sys.excepthook(type(error), error, error.__traceback__)
    elif is_server and isinstance(error, KeyboardInterrupt):
        # A conftest's own: Ctrl-C goes to trun. The command dies of it, which shells call 130, after its word on it.
        sys.excepthook(type(error), error, error.__traceback__)
        return Ended(_INTERRUPTED, raised=True)
    else:
        raise error
    return Ended(1, raised=True)


def _is_ours(error: BaseException) -> bool:
    """Whether it came up in this package: an internal error. Judged by the innermost code that is neither Python's nor pytest's,
    nor a recorder in the place of a function that the user's code has called."""
    frames = [str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    passed_on = {"_pytest", "pluggy", *getattr(sys, "stdlib_module_names", ())}  # those since Python 3.10
    for name in reversed(frames[1:]):  # the outermost is run()
        if name.partition(".")[0] not in passed_on and not name.startswith(f"{_PACKAGE}.observe"):
            return name.partition(".")[0] == _PACKAGE
    return False


def _code(code: object) -> int:
    """What the interpreter makes of it."""
    if code is None or isinstance(code, int):
        return int(code or 0)
    sys.stderr.write(f"{code}\n")
    return 1
