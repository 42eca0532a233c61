"""What one run tells the next by pytest's cache."""

from __future__ import annotations

import json

import pytest

from trun_worker.server import cache

pytest_plugins = ["pytester"]

SEEN = "test_a.py:2 drew random bytes"


def frame(**more):
    return {"results": {}, "collected": [], "failed_collect": [], "durations": {}, "bound": [], **more}


@pytest.fixture
def config(pytester):
    (pytester.path / "test_a.py").write_text("import uuid\nID = uuid.uuid4()\n")
    return pytester.parseconfig()


def test_what_an_import_bound_is_known_until_its_file_changes(config, pytester):
    assert cache.bound(config) == []
    cache.save(config, frame(bound=[SEEN, "a thread of nobody"]))
    assert cache.bound(config) == [(str(pytester.path / "test_a.py"), SEEN)]
    cache.save(config, frame())
    assert cache.bound(config) == [(str(pytester.path / "test_a.py"), SEEN)], "that nobody saw it again says nothing"
    (pytester.path / "test_a.py").write_text("ID = 1\n")
    assert cache.bound(config) == []


def test_a_file_that_is_gone_is_forgotten(config, pytester):
    cache.save(config, frame(bound=[SEEN]))
    (pytester.path / "test_a.py").unlink()
    assert cache.bound(config) == []
    cache.save(config, frame(durations={"test_b.py": 1.0}))
    assert json.loads((pytester.path / ".pytest_cache/v/trun/bound").read_text()) == {}


@pytest.mark.parametrize("text", ["[]", "3", '{"test_a.py": 1, "test_b.py": ["x"], "test_c.py": ["x", null]}', "{"])
def test_what_is_no_such_table_tells_nothing(config, pytester, text):
    path = pytester.path / ".pytest_cache/v/trun/bound"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert cache.bound(config) == []
    cache.save(config, frame(bound=[SEEN]))
    assert [seen for _, seen in cache.bound(config)] == [SEEN]


def test_nothing_is_known_without_the_cache(config, pytester):
    cache.save(config, frame(bound=[SEEN]))
    assert cache.bound(pytester.parseconfig("-p", "no:cacheprovider")) == []
