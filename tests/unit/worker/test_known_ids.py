"""The node ids of earlier runs are read by processes that have a use for them."""

import json

import pytest
from _pytest.cacheprovider import NFPlugin

from trun_worker.plugins import hooks

pytest_plugins = ["pytester"]


@pytest.fixture
def configured(pytester, monkeypatch):
    """Configures a session in a folder where an earlier one has left ids. Returns how many it knows."""
    monkeypatch.setattr(NFPlugin, "__init__", NFPlugin.__init__)
    ids = pytester.path / ".pytest_cache" / "v" / "cache" / "nodeids"
    ids.parent.mkdir(parents=True)
    ids.write_text(json.dumps(["test_a.py::test_a", "test_b.py::test_b"]))

    def configure(config):
        config._do_configure()
        try:
            plugin = config.pluginmanager.getplugin("nfplugin")
            return len(plugin.cached_nodeids), plugin.active
        finally:
            config._ensure_unconfigure()

    return configure


def test_who_writes_no_cache_does_not_read_them(pytester, configured):
    config = pytester.parseconfig()
    hooks.leave_known_ids(config)
    assert NFPlugin.__init__.__module__ == hooks.__name__, "this pytest's constructor is not known"
    assert configured(config) == (0, False)


def test_a_session_within_a_test_reads_them(pytester, configured):
    hooks.leave_known_ids(pytester.parseconfig())
    assert configured(pytester.parseconfig()) == (2, False)


def test_new_first_needs_them(pytester, configured):
    config = pytester.parseconfig("--nf")
    hooks.leave_known_ids(config)
    assert configured(config) == (2, True)


def test_what_no_cache_plugin_has_is_nobodys(pytester, configured):
    config = pytester.parseconfig("-p", "no:cacheprovider")
    hooks.leave_known_ids(config)
    config._do_configure()
    config._ensure_unconfigure()
