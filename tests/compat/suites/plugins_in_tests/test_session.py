"""A fixture of the session registers a plugin: whatever runs from then on is its."""

import pytest

SEEN = []


class Around:
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item):
        SEEN.append(item.name)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self, item):
        SEEN.append(f"{item.name} ends")


@pytest.fixture(scope="session")
def around(pytestconfig):
    plugin = Around()
    pytestconfig.pluginmanager.register(plugin)
    yield
    pytestconfig.pluginmanager.unregister(plugin)


def test_before():
    assert SEEN == []


def test_first(around):
    assert SEEN == []


def test_second():
    assert SEEN == ["test_first ends", "test_second"]


def test_third():
    assert SEEN == []
