"""pytest's main, and how it ends where the user's code ends it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from typing import Any


def run(args: list[str], plugins: list[Any], is_server: Callable[[], bool]) -> int:
    """The exit code. Where a conftest ends the server while it is imported (``sys.exit()``, a skip), it is the one that the
    pytest command would have ended with. ``is_server``: whether this process has not been forked to be something else."""
    import pytest
    from _pytest import config as pytest_config

    try:
        if hasattr(pytest_config, "_main"):
            return int(pytest_config._main(args=args, plugins=plugins, prog="pytest"))
        return int(pytest.main(args, plugins=plugins))
    except SystemExit as ended:
        if not is_server():
            raise
        return _code(ended.code)
    except (pytest.exit.Exception, pytest.skip.Exception):
        if not is_server():
            raise
        traceback.print_exc()
        return 1


def _code(code: object) -> int:
    """What the interpreter makes of it."""
    if code is None or isinstance(code, int):
        return int(code or 0)
    sys.stderr.write(f"{code}\n")
    return 1
