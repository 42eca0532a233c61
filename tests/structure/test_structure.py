"""The sources keep to the include table and the house style (rules.py, worker_rules.py)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import rules
import worker_rules

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("runner", "collectors", "scheduler", "reporters", "plugins", "tests", "examples", "docs")
# Suites whose text is what is tested, and the bytes that reports are compared with.
FREE_TEXT = ("tests/compat/suites/", "tests/compat/plugin_suites/", "/data/", "/golden/", "/corpus/")


def read(suffixes: tuple[str, ...], folders: tuple[str, ...] = FOLDERS) -> dict[str, str]:
    """Path from the root to text, of all files with one of the suffixes."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            name = path.relative_to(ROOT).as_posix()
            hidden = any(part.startswith(".") or part == "__pycache__" for part in path.relative_to(ROOT).parts)
            if path.is_file() and not hidden and path.name.endswith(suffixes) and not any(f in name for f in FREE_TEXT):
                found[name] = path.read_text(encoding="utf-8")
    return found


def complaints(check: Callable[[str, str], list[str]], sources: dict[str, str]) -> str:
    assert sources, "no source was found: the test looks in the wrong place"
    return "\n".join(line for path, text in sources.items() for line in check(path, text))


CPP = read((".h", ".cc"))
HEADERS = {path: text for path, text in CPP.items() if path.endswith(".h")}
WORKER = read((".py",), ("plugins/python",))
PYTHON = read((".py",))
TEXT = read((".h", ".cc", ".py", ".md", ".toml", "CMakeLists.txt"))


@pytest.mark.parametrize("folder", [folder for folder in rules.INCLUDE_TABLE if folder != "plugins"])
def test_every_row_of_the_include_table_has_sources(folder: str) -> None:
    assert any(rules.folder_of(path) == folder for path in CPP)


def test_includes_follow_the_table() -> None:
    assert complaints(rules.check_includes, CPP) == ""


def test_included_sources_exist() -> None:
    missing = {
        header
        for text in CPP.values()
        for quote, header in rules._INCLUDE.findall(text)
        if quote == '"' and "/" in header and not (ROOT / header).is_file()
    }
    assert missing == set()


def test_libuv_is_in_one_file_a_folder() -> None:
    assert rules.check_one_file_a_folder(CPP) == []


def test_banned_calls_are_absent() -> None:
    assert complaints(rules.check_banned, CPP) == ""


def test_nothing_global_is_mutable() -> None:
    assert complaints(rules.check_mutable_globals, CPP) == ""


def test_headers_say_what_they_are() -> None:
    assert complaints(rules.check_header, HEADERS) == ""


def test_files_are_short() -> None:
    assert complaints(rules.check_length, {**CPP, **PYTHON}) == ""


def test_nothing_is_marked_unfinished() -> None:
    assert complaints(rules.check_unfinished, TEXT) == ""


def test_no_tabs() -> None:
    assert complaints(rules.check_tabs, TEXT) == ""


def test_the_worker_imports_pytest_and_the_standard_library_only() -> None:
    assert complaints(worker_rules.check_worker_imports, WORKER) == ""


def test_rooms_of_the_worker_import_what_is_below_them() -> None:
    assert complaints(worker_rules.check_worker_rooms, WORKER) == ""
    above: list[str] = []
    for room, below in worker_rules.WORKER_ROOMS.items():
        assert set(below) <= set(above), f"{room} may import a room that its row stands above"
        above.append(room)


@pytest.mark.parametrize("room", worker_rules.WORKER_ROOMS)
def test_every_room_of_the_worker_has_modules(room: str) -> None:
    assert any(
        path.startswith((f"{worker_rules.WORKER_ROOT}{room}/", f"{worker_rules.WORKER_ROOT}{room}.py"))
        for path in WORKER
    )


@pytest.mark.parametrize("room", [room for room in worker_rules.WORKER_ROOMS if room != "boot"])
def test_a_room_of_the_worker_is_a_package_that_says_what_it_holds(room: str) -> None:
    assert WORKER[f"{worker_rules.WORKER_ROOT}{room}/__init__.py"].startswith('"""')


def test_imports_in_functions_of_the_worker_have_their_reason_beside_them() -> None:
    assert complaints(worker_rules.check_imports_in_functions, WORKER) == ""
