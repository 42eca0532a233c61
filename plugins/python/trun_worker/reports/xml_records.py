"""Where record_testsuite_property and record_xml_attribute go: to the engine, which writes the JUnit report."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from trun_worker.reports.cutting import Cutter
    from trun_worker.wire.channel import Channel


def take_from(config: pytest.Config) -> dict[str, Any]:
    """In the controller's role, once it is configured: pytest's own JUnit plugin goes, and what it knows is told.

    ``xmlpath``: absolute; None: there is to be no report. ``properties``: those of the suite.
    """
    log = _remove_report(config)
    path = config.option.xmlpath
    return {
        "xmlpath": os.path.abspath(os.path.expanduser(os.path.expandvars(path))) if path else None,
        "properties": [[str(name), str(value)] for name, value in getattr(log, "global_properties", ())],
    }


def _remove_report(config: pytest.Config) -> Any:
    """Take pytest's own JUnit plugin out of the configuration. Returns it, or None if there is none."""
    from _pytest.junitxml import xml_key  # -p no:junitxml spares it

    log: Any = config.stash.get(xml_key, None)
    if log is not None:
        del config.stash[xml_key]
        config.pluginmanager.unregister(log)
    return log


class NoReportOfPytests:
    """A plugin that removes pytest's own: ``config.option.xmlpath`` is there for hooks and tests to read, the engine writes."""

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        _remove_report(config)


class XmlStandIn:
    """What pytest's JUnit fixtures look for in ``config.stash``: records pass to the engine, which writes the report."""

    def __init__(
        self, add: Callable[[str, str], None], channel: Channel, config: pytest.Config, cutter: Cutter
    ) -> None:
        """``add``: takes name and value of an attribute of the test at work."""
        self._add, self._channel, self._cutter = add, channel, cutter
        self.family = config.getini("junit_family")

    def add_global_property(self, name: str, value: object) -> None:
        self._channel.send({"t": "suite_property", "name": str(name), "value": self._cutter.cut(str(value))})

    def node_reporter(self, report: object) -> XmlStandIn:
        return self

    def add_attribute(self, name: str, value: object) -> None:
        """record_xml_attribute."""
        self._add(str(name), str(value))
