"""The hooks that xdist adds to pytest, as specifications: for conftests that implement them where xdist is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _pytest.config import Config


@pytest.hookspec()
def pytest_xdist_setupnodes(config: Config, specs: Sequence[Any]) -> None:
    """Workers are about to be made."""


@pytest.hookspec()
def pytest_xdist_newgateway(gateway: Any) -> None:
    """There is a process for a worker."""


@pytest.hookspec()
def pytest_xdist_rsyncstart(source: Any, gateways: Sequence[Any]) -> None:
    """Never called: nothing is copied to another machine."""


@pytest.hookspec()
def pytest_xdist_rsyncfinish(source: Any, gateways: Sequence[Any]) -> None:
    """Never called."""


@pytest.hookspec(firstresult=True)
def pytest_xdist_getremotemodule() -> Any:
    """Never called: workers run no module of xdist's."""


@pytest.hookspec()
def pytest_configure_node(node: Any) -> None:
    """A worker is about to be configured; ``node.workerinput`` is what it will have."""


@pytest.hookspec()
def pytest_testnodeready(node: Any) -> None:
    """A worker's session has started."""


@pytest.hookspec()
def pytest_testnodedown(node: Any, error: Any) -> None:
    """A worker has ended: with ``node.workeroutput``, or with an error."""


@pytest.hookspec()
def pytest_xdist_node_collection_finished(node: Any, ids: Sequence[str]) -> None:
    """A worker has collected."""


@pytest.hookspec(firstresult=True)
def pytest_xdist_make_scheduler(config: Config, log: Any) -> Any:
    """Who runs what."""


@pytest.hookspec(firstresult=True)
def pytest_xdist_auto_num_workers(config: Config) -> Any:
    """How many workers ``-n auto`` means."""


@pytest.hookspec(firstresult=True)
def pytest_handlecrashitem(crashitem: str, report: Any, sched: Any) -> Any:
    """A worker died in a test."""
