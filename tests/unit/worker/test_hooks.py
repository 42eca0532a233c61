"""Which plugins wait for a controller: by their own classes, and by those that came from another module."""

from __future__ import annotations

from types import ModuleType

import pytest

from trun_worker import hooks


class Feeder:
    def pytest_configure_node(self, node: object) -> None: ...


class _Distributions:
    def of(self, plugin: object) -> tuple[str, str]:
        return ("", "")


def _feeders(monkeypatch: pytest.MonkeyPatch, config: pytest.Config, module: ModuleType) -> list[str]:
    monkeypatch.setattr(config.pluginmanager, "list_name_plugin", lambda: [("conftest", module)])
    return [fact["plugin"] for fact in hooks.feeders(config, _Distributions())]  # type: ignore[arg-type]


def test_a_class_that_came_by_import_star_counts(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    conftest = ModuleType("conftest")
    vars(conftest).update(Feeder=Feeder)
    assert Feeder.__module__ != conftest.__name__
    assert _feeders(monkeypatch, pytestconfig, conftest) == ["conftest"]


def test_a_class_of_xdist_itself_does_not(monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config) -> None:
    conftest = ModuleType("conftest")
    vars(conftest).update(Session=type("Session", (Feeder,), {"__module__": "xdist.dsession"}))
    assert _feeders(monkeypatch, pytestconfig, conftest) == []
