"""What suites and plugins that know pytest-xdist find in a worker (facts: xdist's docs, "how-to" and "known-limitations").

This module is the plugin that stands in for xdist where that is not installed: its fixtures, marker and command-line options.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.config import Config
    from _pytest.config.argparsing import Parser

_OPTIONS = ("numprocesses", "maxprocesses", "dist", "tx", "px")


@pytest.fixture(scope="session")
def worker_id(request: pytest.FixtureRequest) -> str:
    """The worker's id ("gw0"), or "master" with ``-n 0``."""
    workerinput: dict[str, Any] = getattr(request.config, "workerinput", {})
    return str(workerinput.get("workerid", "master"))


@pytest.fixture(scope="session")
def testrun_uid(request: pytest.FixtureRequest) -> str:
    """One id for all workers of a run."""
    workerinput: dict[str, Any] = getattr(request.config, "workerinput", {})
    return str(workerinput.get("testrunuid", os.environ.get("TRUN_RUN_ID", "")))


def pytest_configure(config: Config) -> None:
    config.addinivalue_line(
        "markers",
        "xdist_group(name): run all tests of one group on one worker, in order.",
    )


def add_options(parser: Parser) -> None:
    """Let ``addopts = -n auto`` parse where xdist is not installed."""
    group = parser.getgroup("trun", "distributed and subprocess testing (trun)")
    group._addoption("-n", "--numprocesses", dest="numprocesses", metavar="numprocesses", default=None)
    group.addoption("--maxprocesses", dest="maxprocesses", default=None)
    group.addoption("--dist", dest="dist", default="no")
    group.addoption("--tx", dest="tx", action="append", default=[])
    group.addoption("--px", dest="px", action="append", default=[])


def take_numprocesses(config: Config) -> Any:
    """What addopts or PYTEST_ADDOPTS said of ``-n``; xdist is told that it has no workers to start."""
    option = config.option
    asked = getattr(option, "numprocesses", None)
    if any(hasattr(option, name) for name in _OPTIONS):
        option.numprocesses, option.dist, option.tx = None, "no", []
    return asked if asked is None or isinstance(asked, int) else str(asked)


def be_worker(config: Config, start: dict[str, Any], told: dict[str, Any]) -> None:
    """Set what tells plugins and tests that they are in worker ``start["worker_id"]``; ``told`` is what plugins look for."""
    environ = os.environ
    environ["PYTEST_XDIST_WORKER"] = start["worker_id"]
    environ["PYTEST_XDIST_WORKER_COUNT"] = str(start["worker_count"])
    environ["PYTEST_XDIST_TESTRUNUID"] = start["testrunuid"]
    config.workerinput = {  # type: ignore[attr-defined]
        "workerid": start["worker_id"],
        "workercount": start["worker_count"],
        "testrunuid": start["testrunuid"],
        "mainargv": list(config.invocation_params.args),
        **told,
        **start.get("config_map", {}),
    }
    config.workeroutput = {}  # type: ignore[attr-defined]
