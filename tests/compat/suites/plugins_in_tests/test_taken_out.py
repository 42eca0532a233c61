"""As flask's tests do: pytest's logging is taken out while a test runs."""

import io
import logging

import pytest

LOG = logging.getLogger("taken_out")


@pytest.fixture
def no_logging(pytestconfig):
    handlers, logging.root.handlers = logging.root.handlers[:], []
    plugin = pytestconfig.pluginmanager.unregister(name="logging-plugin")
    yield
    logging.root.handlers[:] = handlers
    pytestconfig.pluginmanager.register(plugin, "logging-plugin")


def test_before():
    LOG.warning("before")
    assert 0


def test_no_handlers(no_logging):
    assert logging.root.handlers == []
    LOG.warning("nobody takes this down")
    assert 0


def test_stream(no_logging):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    LOG.addHandler(handler)
    LOG.warning("said")
    LOG.removeHandler(handler)
    assert stream.getvalue() == "said\n"


def test_after(caplog):
    LOG.warning("after")
    assert caplog.messages == ["before"]


def test_left_in_place(pytestconfig):
    plugin = pytestconfig.pluginmanager.unregister(name="logging-plugin")
    LOG.warning("in the middle")
    pytestconfig.pluginmanager.register(plugin, "logging-plugin")
    assert 0
