"""What tests have of the services that trun.toml declares (docs/services.md): a test begins when those that it needs are ready,
and ``trun_service("name")`` says where one is.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker import page
from trun_worker.asking import ask
from trun_worker.wire import Refused
from trun_worker.wire_text import crossing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from trun_worker.link import WorkerLink


@dataclass(frozen=True)
class ServiceAddress:
    """Where a service is."""

    name: str
    host: str
    #: The first of its ports; None if it has none.
    port: int | None
    #: All of them, by name.
    ports: dict[str, int]
    #: None if trun does not know what a URL of it looks like (``url`` in trun.toml says it).
    url: str | None
    #: This slot's database, where the service has one for each.
    database: str | None


class TrunService:
    """What the fixture gives: a function from a service's name to its address."""

    def __init__(self, link: Callable[[], WorkerLink]) -> None:
        self._link = link

    def __call__(self, name: str) -> ServiceAddress:
        """Start the service if it does not run yet, and wait until it is ready."""
        __tracebackhide__ = True
        link = self._link()
        try:
            value, _ = ask(link, "service", name=name, ordinal=link.page.words[page.ORDINAL])
        except Refused as refused:
            pytest.fail(f"trun_service({name!r}): {refused}", pytrace=False)
        return ServiceAddress(name=name, **value)


class Refusal:
    """A plugin for one test: it fails in its set-up, before any fixture, unless it is skipped."""

    def __init__(self, config: pytest.Config, reason: str) -> None:
        self._plugins = config.pluginmanager
        self._reason = reason

    def __enter__(self) -> Refusal:
        self._plugins.register(self)
        return self

    def __exit__(self, *_: Any) -> None:
        self._plugins.unregister(self)

    def pytest_runtest_setup(self) -> None:
        pytest.fail(self._reason, pytrace=False)


def run_protocol(item: pytest.Item, nextitem: pytest.Item | None, refusal: Refusal | None) -> None:
    """One test through all of pytest's hooks."""
    with refusal or nullcontext():
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=nextitem)


class Admissions:
    """The tests that must not begin before the engine says so."""

    def __init__(self, link: WorkerLink) -> None:
        self._link = link
        self._waiting: set[str] = set()

    def expect(self, wire_ids: Iterable[str]) -> None:
        self._waiting.update(wire_ids)

    def ask_for(self, item: pytest.Item, ordinal: int) -> Refusal | None:
        """Wait until what ``item`` needs is ready. Returns why it must not run, if that cannot be."""
        if not self._waiting or (wire_id := crossing(item.nodeid)) not in self._waiting:
            return None
        self._waiting.discard(wire_id)
        try:
            ask(self._link, "admit", ordinal=ordinal)
        except Refused as refused:
            return Refusal(item.config, str(refused))
        return None
