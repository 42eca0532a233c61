"""A fixture registers a plugin with hooks around a test."""

import pytest


class Around:
    def __init__(self):
        self.seen = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self):
        self.seen.append("setup")
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self):
        self.seen.append("call")
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, call):
        report = yield
        report.sections.append(("Seen", f"{call.when} {self.seen}"))
        return report


@pytest.fixture
def around(pytestconfig):
    plugin = Around()
    pytestconfig.pluginmanager.register(plugin, "around")
    yield plugin
    pytestconfig.pluginmanager.unregister(plugin)


def test_before():
    pass


def test_seen(around):
    print("said")
    assert around.seen == ["call"]


def test_fails(around):
    print("said")
    assert around.seen == []


def test_not_seen(pytestconfig):
    assert not pytestconfig.pluginmanager.hasplugin("around")


def test_registers_itself(pytestconfig):
    pytestconfig.pluginmanager.register(Around(), "around")
    assert 0


def test_is_still_there(pytestconfig):
    assert pytestconfig.pluginmanager.hasplugin("around")
    pytestconfig.pluginmanager.unregister(name="around")
    assert 0


@pytest.fixture
def bad_at_the_end(around):
    yield
    raise ValueError("too late")


def test_bad_at_the_end(bad_at_the_end):
    pass


def test_after():
    assert 0
