"""The fixtures that trun supplies, under trun only: ``trun_port``, ``trun_slot``, ``trun_resources`` (docs/ports.md)."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.asking import ask
from trun_worker.services import TrunService
from trun_worker.wire import Refused

if TYPE_CHECKING:
    from trun_worker.link import WorkerLink

NAMES = frozenset({"trun_port", "trun_slot", "trun_resources", "trun_service"})

_LINK: pytest.StashKey[Callable[[], WorkerLink]] = pytest.StashKey()


class TrunPort:
    """Ports that nobody else on this machine is given as long as the run lasts. Calling it gives a number."""

    def __init__(self, link: Callable[[], WorkerLink]) -> None:
        self._link = link

    def __call__(self, name: str) -> int:
        """The port of that name: as ``[ports]`` declares it, else one of this slot's own, the same each time."""
        return int(self._ask("port", name)[0])

    def socket(self, name: str, address: str = "127.0.0.1") -> socket.socket:
        """A TCP socket that is bound to the port of that name already (SO_REUSEADDR is set), for a server to listen on."""
        if self._link().start["separation"]["network"] == "namespace":
            return _bound(self(name), address)  # the engine is in another network
        _, fds = self._ask("port", name, socket=True, address=address)
        return socket.socket(fileno=fds[0])

    def release(self, name: str) -> None:
        """The port of that name is used no more: under the same name comes another from now on."""
        self._ask("release_port", name)

    def _ask(self, question: str, name: str, **args: Any) -> tuple[Any, list[int]]:
        __tracebackhide__ = True
        try:
            return ask(self._link(), question, name=name, **args)
        except Refused as refused:
            pytest.fail(f"trun_port({name!r}): {refused}", pytrace=False)


def _bound(port: int, address: str) -> socket.socket:
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((address, port))
    except OSError:
        made.close()
        raise
    return made


def register(config: pytest.Config, link: Callable[[], WorkerLink]) -> None:
    """Make this module a plugin. ``link`` gives the link of the process that runs the tests, which may be forked off this
    one. A module, because from pytest 10 on fixtures of a wider scope may not be methods of an instance."""
    config.stash[_LINK] = link
    config.pluginmanager.register(sys.modules[__name__], "trun-fixtures")
    _hide_from_errors()


@pytest.fixture(scope="session")
def trun_port(request: pytest.FixtureRequest) -> TrunPort:
    """``trun_port("api")``: a port that nobody else is given; ``trun_port.socket("api")``: a socket bound to it."""
    return TrunPort(request.config.stash[_LINK])


@pytest.fixture(scope="session")
def trun_slot(request: pytest.FixtureRequest) -> int:
    """Number of the slot in which this worker runs, from 0; one that replaces it has the same."""
    return int(request.config.stash[_LINK]().start["slot"])


@pytest.fixture(scope="session")
def trun_service(request: pytest.FixtureRequest) -> TrunService:
    """``trun_service("db")``: where that service is, started if it does not run yet (docs/services.md)."""
    return TrunService(request.config.stash[_LINK])


@pytest.fixture
def trun_resources(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What this test holds of the resources that it asked for, by name."""
    return dict(request.config.stash[_LINK]().leases.get(request.node.nodeid, {}))


def _hide_from_errors() -> None:
    """pytest's "fixture not found" lists what fixtures there are: that text stays as it is under pytest."""
    from _pytest.fixtures import FixtureLookupError

    original: Any = getattr(FixtureLookupError, "formatrepr", None)
    if original is None or getattr(original, "_of_trun", False):
        return

    def formatrepr(self: Any) -> Any:
        found = original(self)
        head, listed, names = str(getattr(found, "errorstring", "")).partition("available fixtures: ")
        if listed:
            line, newline, rest = names.partition("\n")
            kept = ", ".join(name for name in line.split(", ") if name not in NAMES)
            found.errorstring = head + listed + kept + newline + rest
        return found

    formatrepr._of_trun = True  # type: ignore[attr-defined]
    FixtureLookupError.formatrepr = formatrepr  # type: ignore[method-assign]


def own_folders(base: Callable[[], str], worker: str, separation: dict[str, Any]) -> dict[str, str]:
    """Variables that name temporary and home folders of this worker's own, below ``base``; the folders are made.

    pytest keeps and removes them with all else that is below its base temporary directory.
    """
    found: dict[str, str] = {}
    for kind, variable in (("tmpdir", "TMPDIR"), ("home", "HOME")):
        if separation[kind]:
            path = os.path.join(base(), f"{kind}-{worker}")
            os.makedirs(path, mode=0o700, exist_ok=True)
            found[variable] = path
    if separation["tmpdir"]:
        tempfile.tempdir = None  # it remembers what the variable was
    return found
