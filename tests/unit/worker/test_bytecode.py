"""Rewritten bytecode that is known by content."""

import os
import sys
import textwrap
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plugins" / "python"))

from trun_worker.server.bytecode import BytecodeCache, outgrown

TEXT = "def outer():\n    def inner():\n        return 42\n    return inner\n"


def written(root: Path, text: str = TEXT) -> Path:
    root.mkdir(exist_ok=True)
    (root / "test_it.py").write_text(textwrap.dedent(text))
    return root / "test_it.py"


def kept(root: Path, text: str = TEXT) -> Path:
    """A cache in `root` that was told of a file of this text."""
    source = written(root, text)
    cache = BytecodeCache(str(root), ".cpython-pytest.pyc")
    assert cache.find(source, root / "pyc") is None
    cache.keep(root / "pyc", compile(source.read_text(), str(source), "exec"))
    return source


def found(source: Path, kind: str = ".cpython-pytest.pyc"):
    return BytecodeCache(str(source.parent), kind).find(source, source.with_suffix(".pyc"))


def test_it_is_found_by_content_wherever_the_checkout_lies(tmp_path):
    source = kept(tmp_path / "first")
    (tmp_path / "first").rename(tmp_path / "second")
    source = tmp_path / "second" / "test_it.py"
    os.utime(source, (1, 1))
    space = {}
    exec(found(source), space)
    inner = space["outer"]()
    assert inner() == 42
    assert inner.__code__.co_filename == str(source)


@pytest.mark.parametrize(("text", "kind"), [(TEXT + "\n", ".cpython-pytest.pyc"), (TEXT, ".cpython-pytest-9.pyc")])
def test_it_is_not_found_for_another_text_or_pytest(tmp_path, text, kind):
    kept(tmp_path)
    assert found(written(tmp_path, text), kind) is None


@pytest.mark.parametrize("text", ["x = '\\d'\n", "assert (1, 'always')\n", "x = 1 is 1\n"])
@pytest.mark.filterwarnings("ignore")
def test_what_the_compiler_warns_of_is_not_kept(tmp_path, text):
    assert found(kept(tmp_path, text)) is None


def test_of_files_elsewhere_nothing_is_kept(tmp_path):
    elsewhere = written(tmp_path / "elsewhere")
    cache = BytecodeCache(str(tmp_path / "root"), ".pyc")
    assert cache.find(elsewhere, elsewhere) is None
    cache.keep(elsewhere, compile(TEXT, str(elsewhere), "exec"))
    assert not (tmp_path / "root").exists()


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-1], lambda data: data[:32] + b"\0" + data[33:], lambda data: b""]
)
def test_a_spoiled_file_is_never_given_to_the_interpreter(tmp_path, spoil):
    source = kept(tmp_path)
    [place] = (tmp_path / ".trun" / "bytecode").iterdir()
    place.write_bytes(spoil(place.read_bytes()))
    assert found(source) is None


def test_the_folder_keeps_itself_out_of_the_repository(tmp_path):
    kept(tmp_path)
    assert (tmp_path / ".trun" / ".gitignore").read_text() == "*\n"


def test_where_it_cannot_be_written_nothing_happens(tmp_path):
    (tmp_path / ".trun").write_text("a file")
    assert found(kept(tmp_path)) is None


def test_the_oldest_go_until_a_quarter_is_free(tmp_path):
    for age in range(10):
        (tmp_path / f"{age}.pyc").write_bytes(b"x" * 100)
        os.utime(tmp_path / f"{age}.pyc", (1000 - age, 1000 - age))
    assert [*outgrown(str(tmp_path), 1000)] == []
    assert sorted(Path(path).name for path in outgrown(str(tmp_path), 900)) == ["6.pyc", "7.pyc", "8.pyc", "9.pyc"]
