"""What of coverage.py's measurements goes on in a forked process, and what a journal writes after each test."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from trun_worker.coverage_data import CoverageJournal, InheritedCoverage


class Collector:
    def __init__(self) -> None:
        self.data: dict[str, set[int]] = {}
        self.written: list[dict[str, set[int]]] = []
        self.broken = False

    def flush_data(self) -> None:
        if self.broken:
            raise OSError("no space left")
        self.written.append({name: set(lines) for name, lines in self.data.items()})
        for lines in self.data.values():
            lines.clear()  # as coverage.py does


class Measurement:
    def __init__(self, running: list[Any]) -> None:
        self._collector = Collector()
        self._running, self._started, self._auto_save = running, False, True
        self.start()

    def start(self) -> None:
        self._started = True
        self._running.append(self)

    def stop(self) -> None:
        assert self._running[-1] is self
        self._started = False
        self._running.pop()


@pytest.fixture
def running(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    module = ModuleType("coverage.control")
    instances: list[Any] = []
    vars(module)["Coverage"] = SimpleNamespace(_instances=instances)
    monkeypatch.setitem(sys.modules, "coverage.control", module)
    return instances


def test_the_host_goes_on_with_the_servers_measurement_and_stops_one_that_the_fork_began(running: list[Any]) -> None:
    servers = Measurement(running)
    inherited = InheritedCoverage()
    servers.stop()  # patch = fork: coverage.py stops it in the child, and starts another
    other = Measurement(running)
    inherited.go_on()
    assert running == [servers]
    assert not other._started
    assert not other._auto_save


def test_a_worker_stops_all_that_it_has_from_the_server(running: list[Any]) -> None:
    servers = Measurement(running)
    InheritedCoverage().end()
    assert running == []
    assert not servers._auto_save


def test_a_journal_writes_what_is_new_after_a_test_and_takes_nothing_from_the_measurement(running: list[Any]) -> None:
    journal = CoverageJournal()
    collector = Measurement(running)._collector
    journal.begin()
    collector.data.update(a={1, 2}, b={1})
    journal.note()
    journal.note()
    collector.data["a"].add(3)
    journal.note()
    assert collector.written == [{"a": {1, 2}, "b": {1}}, {"a": {1, 2, 3}}]
    assert collector.data == {"a": {1, 2, 3}, "b": {1}}


def test_a_journal_that_cannot_write_gives_up(running: list[Any]) -> None:
    journal = CoverageJournal()
    collector = Measurement(running)._collector
    journal.begin()
    collector.broken = True
    collector.data["a"] = {1}
    journal.note()
    collector.broken = False
    collector.data["a"].add(2)
    journal.note()
    assert collector.written == []
    assert collector.data == {"a": {1, 2}}


def test_nothing_is_measured_nothing_is_written() -> None:
    journal = CoverageJournal()
    journal.begin()
    journal.note()
