"""Whether plugins have come or gone: what the fast lane knows of hooks holds as long as none has."""

from __future__ import annotations

from typing import Any

import pytest


class PluginRegistry:
    """A plugin itself: pytest tells it of those that come. Of those that go their number tells."""

    def __init__(self, config: pytest.Config) -> None:
        self._names: dict[str, Any] = config.pluginmanager._name2plugin
        self._came = 0

    @classmethod
    def of(cls, config: pytest.Config) -> PluginRegistry:
        """The one of this process; a worker inherits that of the process that collected."""
        found = config.pluginmanager.getplugin("trun-registry")
        if not isinstance(found, cls):
            found = cls(config)
            config.pluginmanager.register(found, "trun-registry")
        return found

    def pytest_plugin_registered(self) -> None:
        self._came += 1

    def version(self) -> int:
        """Another one for each change."""
        return (self._came << 32) + len(self._names)
