"""As plugins of database libraries do: each worker is told by the controller who it is, from a class that is registered late."""

import itertools

COUNT = itertools.count(1)


class Controller:
    def pytest_configure_node(self, node):
        node.workerinput["database"] = f"test_{next(COUNT)}"


def pytest_configure(config):
    if config.pluginmanager.hasplugin("xdist"):
        config.pluginmanager.register(Controller())
    config.database = config.workerinput["database"] if hasattr(config, "workerinput") else "test_0"


def pytest_sessionfinish(session):
    pass
