"""What of coverage.py's measurements goes on in a forked process, and what a journal writes after each test."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from trun_worker.plugins.coverage_data import CoverageJournal, InheritedCoverage, adopt


class Collector:
    def __init__(self) -> None:
        self.data: dict[str, set[int]] = {}
        self.file_tracers: dict[str, str] = {}
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


class Plugins:
    """A configuration as pytest-cov leaves it."""

    def __init__(self, *names: str) -> None:
        self.pluginmanager = SimpleNamespace(hasplugin=lambda name: name in names)


PLAIN: Any = Plugins("_cov")
WITH_CONTEXTS: Any = Plugins("_cov", "_cov_contexts")
WORKER = {"slot": 3, "attempt": 2}


def test_without_a_folder_what_is_new_after_a_test_goes_into_the_data(running: list[Any]) -> None:
    journal = CoverageJournal()
    collector = Measurement(running)._collector
    journal.begin(PLAIN, "", WORKER)
    collector.data.update(a={1, 2}, b={1})
    journal.note()
    journal.note()
    collector.data["a"].add(3)
    journal.note()
    assert collector.written == [{"a": {1, 2}, "b": {1}}, {"a": {3}}]
    assert collector.data == {"a": {1, 2, 3}, "b": {1}}


def test_of_contexts_only_the_measurement_knows(running: list[Any], tmp_path: Path) -> None:
    journal = CoverageJournal()
    collector = Measurement(running)._collector
    journal.begin(WITH_CONTEXTS, str(tmp_path), WORKER)
    collector.data["a"] = {1}
    journal.note()
    assert collector.written == [{"a": {1}}]
    assert list(tmp_path.iterdir()) == []


def died(running: list[Any], folder: Path) -> None:
    """A worker has covered something in three tests, and is gone."""
    journal = CoverageJournal()
    collector = Measurement(running)._collector
    collector.file_tracers["t"] = "django"
    journal.begin(PLAIN, str(folder), WORKER)
    for new in ({"a": {1, 2}}, {"a": {1, 2, 5}, "t": {7}}, {"a": {1, 2, 5}, "t": {7, 8}}):
        collector.data.update(new)
        journal.note()
    assert collector.written == []
    assert collector.data == {"a": {1, 2, 5}, "t": {7, 8}}
    running.pop()


def test_what_a_dead_worker_had_covered_counts_in_the_host(running: list[Any], tmp_path: Path) -> None:
    died(running, tmp_path)
    host = Measurement(running)._collector
    host.data["a"] = {9}
    adopt(str(tmp_path), 3, 2, saved=False)
    assert host.data == {"a": {1, 2, 5, 9}, "t": {7, 8}}
    assert host.file_tracers == {"t": "django"}
    assert list(tmp_path.iterdir()) == []


def test_what_was_saved_is_not_needed(running: list[Any], tmp_path: Path) -> None:
    died(running, tmp_path)
    host = Measurement(running)._collector
    adopt(str(tmp_path), 3, 2, saved=True)
    assert host.data == {}
    assert list(tmp_path.iterdir()) == []


def test_an_entry_that_was_cut_off_costs_no_other(running: list[Any], tmp_path: Path) -> None:
    died(running, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    host = Measurement(running)._collector
    adopt(str(tmp_path), 3, 2, saved=False)
    assert host.data == {"a": {1, 2, 5}, "t": {7}}


def test_a_folder_that_is_gone_is_no_harm(running: list[Any], tmp_path: Path) -> None:
    journal = CoverageJournal()
    collector = Measurement(running)._collector
    journal.begin(PLAIN, str(tmp_path / "gone"), WORKER)
    collector.data["a"] = {1}
    journal.note()
    assert collector.written == [{"a": {1}}]
    adopt(str(tmp_path / "gone"), 3, 2, saved=False)


def test_a_journal_that_cannot_write_gives_up(running: list[Any]) -> None:
    journal = CoverageJournal()
    collector = Measurement(running)._collector
    journal.begin(PLAIN, "", WORKER)
    collector.broken = True
    collector.data["a"] = {1}
    journal.note()
    collector.broken = False
    collector.data["a"].add(2)
    journal.note()
    assert collector.written == []
    assert collector.data == {"a": {1, 2}}


def test_nothing_is_measured_nothing_is_written(tmp_path: Path) -> None:
    journal = CoverageJournal()
    journal.begin(PLAIN, str(tmp_path), WORKER)
    journal.note()
    assert list(tmp_path.iterdir()) == []
