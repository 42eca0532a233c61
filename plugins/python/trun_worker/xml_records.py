"""Where record_testsuite_property and record_xml_attribute go: to the engine, which writes the JUnit report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

    from trun_worker.runloop import RunLoop


class XmlStandIn:
    """What pytest's JUnit fixtures look for in ``config.stash``: records pass to the engine, which writes the report."""

    def __init__(self, loop: RunLoop, config: pytest.Config) -> None:
        self._loop, self.family = loop, config.getini("junit_family")

    def add_global_property(self, name: str, value: object) -> None:
        self._loop.suite_property(str(name), str(value))

    def node_reporter(self, report: object) -> XmlStandIn:
        return self

    def add_attribute(self, name: str, value: object) -> None:
        """record_xml_attribute: becomes a property, because the attributes of a testcase are the schema's."""
        self._loop.extra_property(str(name), str(value))
