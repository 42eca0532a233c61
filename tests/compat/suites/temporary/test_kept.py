"""Which directories of earlier tests are still there, by policy."""
import pytest

PATHS = {}


@pytest.fixture
def kept(tmp_path, request):
    PATHS[request.node.name] = tmp_path
    (tmp_path / "file").write_text("text")
    return tmp_path


def test_passes(kept):
    pass


def test_fails(kept):
    assert 0


def test_skips(kept):
    pytest.skip("after tmp_path was made")


@pytest.mark.xfail
def test_xfails(kept):
    assert 0


@pytest.fixture
def broken(kept):
    raise OSError("after tmp_path was made")


def test_errors(broken):
    pass


@pytest.fixture
def broken_late(kept):
    yield
    raise OSError("late")


def test_errors_late(broken_late):
    pass


def test_unreadable(kept):
    locked = kept / "locked"
    locked.mkdir()
    (locked / "file").touch()
    locked.chmod(0)


def test_shows_what_is_left():
    assert {name: path.exists() and sorted(entry.name for entry in path.iterdir()) for name, path in PATHS.items()} == {}
