import os
import stat

import pytest


def test_plain(tmp_path):
    assert tmp_path.is_dir() and list(tmp_path.iterdir()) == []
    assert tmp_path.name == "test_plain"


@pytest.mark.parametrize("value", ["a/b", "ünï", "x" * 50, "", "a b"])
def test_odd_names(tmp_path, value):
    assert tmp_path.name == value


class TestSame:
    def test_plain(self, tmp_path):
        assert tmp_path.name == "test_plain"


def test_mode(tmp_path):
    assert oct(stat.S_IMODE(tmp_path.stat().st_mode)) == "0o600"


def test_in_the_report(tmp_path):
    (tmp_path / "config.ini").write_text("text")
    assert (tmp_path / "config.ini") == tmp_path / "other.ini"


def test_missing_file(tmp_path):
    (tmp_path / "missing").read_text()


def test_relative_to_base(tmp_path, tmp_path_factory):
    base = tmp_path_factory.getbasetemp()
    assert tmp_path.parent == base
    assert os.environ.get("TMPDIR")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    folder = tmp_path_factory.mktemp("shared")
    (folder / "made").touch()
    return folder


def test_factory(shared):
    (shared / "by the first").touch()
    assert shared.name == "shared0"


def test_factory_again(shared):
    assert sorted(entry.name for entry in shared.iterdir()) == []


@pytest.fixture
def mktemp(tmp_path_factory):
    """Not the factory itself: its repr says whether the base was given."""

    def mktemp(name, numbered=True):
        return tmp_path_factory.mktemp(name, numbered)

    return mktemp


def test_factory_numbers(mktemp):
    names = [mktemp("data").name for _ in range(3)]
    plain = mktemp("plain", numbered=False)
    assert (names, plain.name) == ()


def test_factory_refuses_paths(mktemp):
    with pytest.raises(ValueError, match="relative to basetemp"):
        mktemp("../outside")


def test_factory_refuses_twice(mktemp):
    with pytest.raises(FileExistsError):
        mktemp("plain", numbered=False)


def test_tmpdir(tmpdir, tmp_path):
    assert str(tmpdir) == str(tmp_path)
    assert tmpdir.join("x").check()


def test_both_factories_have_one_base(tmpdir_factory, tmp_path_factory):
    assert str(tmpdir_factory.getbasetemp()) == str(tmp_path_factory.getbasetemp())
