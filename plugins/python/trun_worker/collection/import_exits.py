"""``sys.exit()`` while a test file is imported: a collection error of that file, and the rest is collected.

pytest 7 reports it so, too. From version 8 on it ends the session there with exit code 3, a traceback of its own and no word of
which file that was; so does xdist, for another reason (its controller does not know the worker that ended). The run has that
exit code here as well.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest
from _pytest.reports import CollectErrorRepr

_INTERNAL_ERROR = 3


class ImportExits:
    """Plugin of a worker. ``exit_code``: what pytest would have ended with; None: nothing exits, or this pytest reports it."""

    def __init__(self) -> None:
        self.exit_code: int | None = None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        try:
            return (yield)
        except SystemExit as ended:
            self.exit_code = _INTERNAL_ERROR
            excinfo = pytest.ExceptionInfo.from_exception(ended)
        return pytest.CollectReport(collector.nodeid, "failed", _shown(collector, excinfo), [])


def _shown(collector: pytest.Collector, excinfo: pytest.ExceptionInfo[BaseException]) -> Any:
    """As pytest's own reports of collectors show what was raised."""
    shown = collector.repr_failure(excinfo)
    return shown if hasattr(shown, "toterminal") else CollectErrorRepr(str(shown))
