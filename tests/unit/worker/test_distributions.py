"""Which distributions plugins came with, and that their metadata is parsed once."""

from __future__ import annotations

from importlib import metadata

import pytest

from trun_worker.plugins.hooks import Distributions

pytest_plugins = ["pytester"]


@pytest.fixture
def config(pytester, monkeypatch):
    """With one installed plugin."""
    folder = pytester.path / "made_up-1.5.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: made-up\nVersion: 1.5\n")
    (folder / "entry_points.txt").write_text("[pytest11]\nmade_up = made_up\n")
    (pytester.path / "made_up.py").write_text("")
    monkeypatch.syspath_prepend(pytester.path)
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    return pytester.parseconfig()


def made_up(config):
    found = [each for _, each in config.pluginmanager.list_plugin_distinfo() if each.project_name == "made-up"]
    return found[0]


def test_names_and_versions(config):
    distributions = Distributions(config)
    assert ("made-up", "1.5") in distributions.all()
    assert distributions.of(config.pluginmanager.get_plugin("made_up")) == ("made-up", "1.5")
    assert distributions.of(object()) == ("", "")


def test_metadata_is_parsed_once(config, monkeypatch):
    Distributions(config).all()
    monkeypatch.setattr(metadata.PathDistribution, "read_text", None)
    assert ("made-up", "1.5") in Distributions(config).all()
    assert made_up(config).version == "1.5"
    assert made_up(config).metadata["Name"] == "made-up"
    assert isinstance(made_up(config)._dist, metadata.PathDistribution)
