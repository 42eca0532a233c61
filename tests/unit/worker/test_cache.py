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
def path(pytester):
    path = pytester.path / "test_a.py"
    path.write_text("import uuid\nID = uuid.uuid4()\n")
    return path


@pytest.fixture
def config(pytester, path):
    return pytester.parseconfig()


def test_what_an_import_bound_is_known_until_its_file_changes(config, path):
    assert cache.bound(config) == []
    cache.save(config, frame(bound=[[str(path), SEEN]]))
    assert cache.bound(config) == [(str(path), SEEN)]
    cache.save(config, frame())
    assert cache.bound(config) == [(str(path), SEEN)], "that nobody saw it again says nothing"
    path.write_text("ID = 1\n")
    assert cache.bound(config) == []


def test_what_was_never_seen_again_is_forgotten(config, path):
    cache.save(config, frame(bound=[[str(path), SEEN]]))
    for _ in range(cache._BELIEVED - 1):
        assert cache.bound(config) == [(str(path), SEEN)]
        cache.save(config, frame())
    assert cache.bound(config) == [(str(path), SEEN)]
    cache.save(config, frame())
    assert cache.bound(config) == []


def test_a_file_that_is_gone_is_forgotten(config, path, pytester):
    cache.save(config, frame(bound=[[str(path), SEEN]]))
    path.unlink()
    assert cache.bound(config) == []
    cache.save(config, frame(durations={"test_b.py": 1.0}))
    assert json.loads((pytester.path / ".pytest_cache/v/trun/bound").read_text()) == {}


def test_a_file_beside_the_root_is_known_by_its_own_path(pytester, path):
    (pytester.path / "ci").mkdir()
    (pytester.path / "ci" / "pytest.ini").write_text("[pytest]\n")
    config = pytester.parseconfig("-c", "ci/pytest.ini", "test_a.py")
    assert config.rootpath == pytester.path / "ci"
    cache.save(config, frame(bound=[[str(path), SEEN]]))
    assert cache.bound(config) == [(str(path), SEEN)]


def test_a_slow_test_is_known_until_its_file_runs_without_it(config):
    cache.save(config, frame(durations={"test_a.py": 1.0, "test_a.py::test_x": 0.9, "test_b.py": 2.0}))
    cache.save(config, frame(durations={"test_b.py": 2.0}))
    assert dict(cache.durations(config))["test_a.py::test_x"] == 0.9
    cache.save(config, frame(durations={"test_a.py": 0.5, "test_a.py::test_y": 0.4}))
    assert dict(cache.durations(config)) == {"test_a.py": 0.5, "test_a.py::test_y": 0.4, "test_b.py": 2.0}


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "3",
        '{"test_a.py": 1, "test_b.py": ["x"], "test_c.py": ["x", null, 1]}',
        '{"a\\u0000b": ["x", 1, 1], "a\\ud800b": ["x", 1, 1], "test_a.py": ["x", 1, "y"]}',
        "{",
    ],
)
def test_what_is_no_such_table_tells_nothing(config, path, pytester, text):
    table = pytester.path / ".pytest_cache/v/trun/bound"
    table.parent.mkdir(parents=True)
    table.write_text(text)
    assert cache.bound(config) == []
    cache.save(config, frame(bound=[[str(path), SEEN]]))
    assert [seen for _, seen in cache.bound(config)] == [SEEN]


def test_nothing_is_known_without_the_cache_or_once_it_is_to_be_cleared(config, path, pytester):
    cache.save(config, frame(bound=[[str(path), SEEN]]))
    assert cache.bound(pytester.parseconfig("-p", "no:cacheprovider")) == []
    assert cache.bound(pytester.parseconfig("--cache-clear")) == []
