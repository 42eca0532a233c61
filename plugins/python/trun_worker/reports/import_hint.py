"""A word for who misses a module that lies in the current directory.

trun is as ``pytest``, which leaves that directory off ``sys.path``; ``python -m pytest`` puts it there.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Generator
from typing import Any

import pytest

from trun_worker.system import process

_MISSING = re.compile(r"No module named '(\w+)'")


def hint(text: str, folder: str) -> str:
    """What to do about the import error that ``text`` ends with, if the module lies in ``folder``; else ""."""
    found = _MISSING.findall(text)
    if not found or folder in sys.path or "" in sys.path:
        return ""
    place = os.path.join(folder, found[-1])
    if not os.path.isfile(place + ".py") and not os.path.isdir(place):
        return ""
    return (
        f"{found[-1]} lies in the current directory, which is not on sys.path: trun is as pytest, and python -m pytest puts it "
        "there. Say --import-cwd, import_cwd = true in trun.toml, or pythonpath = . in pytest's settings"
    )


class ImportHint:
    """Of the fork server: says it where a conftest that is read at the start misses the module."""

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config: pytest.Config) -> Generator[None, Any, Any]:
        try:
            return (yield)
        except Exception as error:
            cause = getattr(error, "cause", error)
            text = hint(str(cause), str(early_config.invocation_params.dir)) if isinstance(cause, ImportError) else ""
            if text:
                process.say(f"trun: {text}\n")
            raise
