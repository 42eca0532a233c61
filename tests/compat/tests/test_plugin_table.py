"""docs/plugins.md: what it says of runs, and the table that it is made from."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from plugin_table.rows import Plugin, Row, Seen, load_plugins
from plugin_table.text import plugins_page

COMPAT = Path(__file__).resolve().parents[1]
PLUGIN = Plugin("pytest-thing", "1.0", note="its | own words")


def page(*seen, failed=""):
    return plugins_page([Row(PLUGIN, list(seen), failed)], "3.11", "9.2.0", "3.8.0").splitlines()[-1]


def test_a_plugin_works_if_all_runs_of_trun_agree():
    works = Seen("plain/default", xdist="same", collect="sharded", workers=2, lane="fast")
    assert (
        page(works)
        == "| pytest-thing | 1.0 | yes | plain/default | sharded, 2 workers | fast | same | its / own words |"
    )
    assert "| not -n 2 |" in page(Seen("a", differs={"trun -n 2": "exit code: 0 3"}))
    assert "| no |" in page(Seen("a", differs={"trun -n 0": "exit code: 0 3", "trun -n 2": "finished tests"}))
    assert "exit code: 0 3" in page(Seen("a", differs={"trun -n 2": "exit code: 0 3"}))


def test_how_it_ran():
    assert "| solo |" in page(Seen("a", collect="each", workers=1, solo=True))
    assert "| once, 1 worker, host |" in page(Seen("a", collect="once", workers=1, host=True))


def test_one_that_cannot_be_installed_is_not_tested():
    assert page(failed="cannot be installed here").startswith("| pytest-thing | 1.0 | not tested |")


def test_the_table_names_versions_and_suites_that_are_there(tmp_path):
    plugins = load_plugins(COMPAT / "plugins.json")
    assert len({plugin.name for plugin in plugins}) == len(plugins)
    for plugin in plugins:
        assert plugin.version
        assert all((COMPAT / "plugin_suites" / suite / "suite.json").is_file() for suite in plugin.suites), plugin
    (tmp_path / "bad.json").write_text(json.dumps([{"name": "a", "version": "1", "unknown": 1}]))
    with pytest.raises(TypeError):
        load_plugins(tmp_path / "bad.json")
