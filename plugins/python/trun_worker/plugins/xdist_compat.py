"""What suites and plugins that know pytest-xdist find in a worker (facts: xdist's docs, "how-to" and "known-limitations").

This module is the plugin that stands in for xdist where that is not installed: its fixtures, marker and command-line options.
"""

from __future__ import annotations

import argparse
import os
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.config import Config
    from _pytest.config.argparsing import Parser

#: xdist's options by dest, as they are where nobody says anything.
_DEFAULTS: dict[str, Any] = {
    "numprocesses": None,
    "maxprocesses": None,
    "maxworkerrestart": None,
    "dist": "no",
    "distload": False,
    "loadscopereorder": True,
    "tx": [],
    "px": [],
    "rsyncdir": [],
    "rsyncignore": [],
    "testrunuid": None,
    "maxschedchunk": None,
    "looponfail": False,
}


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


def installed(config: Config) -> object | None:
    """xdist's plugin, under the name of its entry point or of its module (``-p xdist.plugin``); None: it is not there, or off."""
    manager = config.pluginmanager
    found: object | None = manager.getplugin("xdist") or manager.getplugin("xdist.plugin")
    return found


def add_options(parser: Parser, looponfail: bool) -> None:
    """Let what stands in ``addopts`` for xdist parse where xdist is not installed, or off. ``looponfail``: its other plugin,
    which ``-p no:xdist`` leaves on, has its option already."""
    group = parser.getgroup("trun", "distributed and subprocess testing (trun)")
    group._addoption("-n", "--numprocesses", dest="numprocesses", metavar="numprocesses", type=_processes, default=None)
    group.addoption("--maxprocesses", dest="maxprocesses", type=int, default=None)
    group.addoption("--max-worker-restart", dest="maxworkerrestart", default=None)
    modes = ("each", "load", "loadscope", "loadfile", "loadgroup", "worksteal", "no")
    group.addoption("--dist", dest="dist", choices=modes, default="no")
    group.addoption("--loadscope-reorder", dest="loadscopereorder", action="store_true", default=True)
    group.addoption("--no-loadscope-reorder", dest="loadscopereorder", action="store_false")
    for flag in ("--tx", "--px", "--rsyncdir", "--rsyncignore"):
        group.addoption(flag, dest=flag[2:], action="append", default=[])
    group._addoption("-d", dest="distload", action="store_true", default=False)
    group.addoption("--testrunuid", dest="testrunuid", default=None)
    group.addoption("--maxschedchunk", dest="maxschedchunk", type=int, default=None)
    if not looponfail:
        group._addoption("-f", "--looponfail", dest="looponfail", action="store_true", default=False)
    for name in ("rsyncdirs", "rsyncignore", "looponfailroots"):
        parser.addini(name, "xdist's: has no effect", type="paths")


def _processes(text: str) -> int | str:
    return text if text in ("auto", "logical") else int(text)


class Asked:
    """What ``addopts`` and ``PYTEST_ADDOPTS`` say of xdist's options; trun takes those of its own command line before."""

    def __init__(self, parser: Parser, args: list[str]) -> None:
        self._parser, self._args = parser, args

    def take(self, config: Config) -> list[list[str]]:
        """[flag, text] of each, as on a command line. xdist is told that it has no workers to start."""
        option = config.option
        if self._is_silent(option):
            return []
        namespace = argparse.Namespace(**dict.fromkeys(_DEFAULTS))
        said = self._parser.parse_known_args(self._args, namespace)
        option.numprocesses = option.maxprocesses = None
        option.dist, option.distload, option.tx, option.looponfail = "no", False, [], False
        return [[flag, text] for flag, text in _as_given(said)]

    def _is_silent(self, option: argparse.Namespace) -> bool:
        named = any(arg.startswith(("--dist", "--loadscope")) for arg in self._args)
        return not named and all(getattr(option, dest, value) == value for dest, value in _DEFAULTS.items())


def _as_given(said: argparse.Namespace) -> Iterator[tuple[str, str]]:
    flags = {"numprocesses": "-n", "maxprocesses": "--maxprocesses", "maxworkerrestart": "--max-worker-restart"}
    for dest in ("dist", "testrunuid", "maxschedchunk"):
        flags[dest] = "--" + dest
    for dest, flag in flags.items():
        if getattr(said, dest) is not None:
            yield flag, str(getattr(said, dest))
    if said.distload:
        yield "--dist", "load"
    if said.loadscopereorder is not None:
        yield ("--" if said.loadscopereorder else "--no-") + "loadscope-reorder", ""
    if said.tx:
        local = [_local_workers(spec) for spec in said.tx]
        if None in local:
            yield "--tx", said.tx[local.index(None)]
        elif said.numprocesses is None:
            yield "-n", str(sum(number or 0 for number in local))
    for dest in ("px", "rsyncdir", "rsyncignore"):
        for value in getattr(said, dest) or []:
            yield "--" + dest, str(value)
    if said.looponfail:
        yield "--looponfail", ""


def _local_workers(spec: str) -> int | None:
    """How many workers like trun's own ``--tx SPEC`` asks for: "popen", "3*popen". None: others than those."""
    number, star, kind = spec.rpartition("*")
    if kind != "popen" or (star and not number.isdigit()):
        return None
    return int(number) if star else 1


def auto_workers() -> int | None:
    """The number for ``-n auto`` and ``-n logical`` that xdist would take instead of the machine's."""
    text = os.environ.get("PYTEST_XDIST_AUTO_NUM_WORKERS")
    try:
        return int(text) if text else None
    except ValueError:
        warnings.warn(f"PYTEST_XDIST_AUTO_NUM_WORKERS is not a number: {text!r}. Ignoring it.", stacklevel=1)
        return None


def set_environment(start: dict[str, Any]) -> None:
    """Say in the environment which worker this is."""
    environ = os.environ
    environ["PYTEST_XDIST_WORKER"] = start["worker_id"]
    environ["PYTEST_XDIST_WORKER_COUNT"] = str(start["worker_count"])
    environ["PYTEST_XDIST_TESTRUNUID"] = start["testrunuid"]


def be_worker(config: Config, start: dict[str, Any], argv: list[str], told: dict[str, Any]) -> None:
    """Set what tells plugins and tests that they are in worker ``start["worker_id"]``; ``told`` is what plugins look
    for, ``argv`` the command line of the controller."""
    config.workerinput = {  # type: ignore[attr-defined]
        "workerid": start["worker_id"],
        "workercount": start["worker_count"],
        "testrunuid": start["testrunuid"],
        "mainargv": list(argv),
        **told,
    }
    config.workeroutput = {}  # type: ignore[attr-defined]
