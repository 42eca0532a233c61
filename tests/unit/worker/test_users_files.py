"""Whether pytest may import anything of the user's while it loads initial conftests."""

import pytest

from trun_worker.server import users_files

pytest_plugins = ["pytester"]


@pytest.fixture
def folder(pytester, monkeypatch):
    """Where a session would begin; nobody but pytest has a plugin there."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    below = pytester.mkdir("below")
    monkeypatch.chdir(below)
    (below / "tests").mkdir()
    (below / "tests" / "test_one.py").write_text("def test(): pass\n")
    (below / "src").mkdir()
    return below


@pytest.mark.parametrize("arguments", [[], ["tests"], ["tests/test_one.py::test"], ["src", "tests/nowhere.py"]])
def test_nothing_follows_without_conftests(folder, pytester, arguments):
    assert not users_files.may_follow(pytester.parseconfig(*arguments))


@pytest.mark.parametrize("place", [".", "..", "tests"])
@pytest.mark.parametrize("arguments", [[], ["tests"], ["tests/test_one.py::test"], ["tests/nowhere.py"]])
def test_a_conftest_there_above_or_in_a_folder_of_tests_may(folder, pytester, place, arguments):
    (folder / place / "conftest.py").write_text("")
    assert users_files.may_follow(pytester.parseconfig(*arguments))


def test_a_conftest_elsewhere_does_not(folder, pytester):
    (folder / "src" / "conftest.py").write_text("")
    assert not users_files.may_follow(pytester.parseconfig())
    assert users_files.may_follow(pytester.parseconfig("src"))


def test_conftests_that_are_not_wanted_do_not(folder, pytester):
    (folder / "conftest.py").write_text("")
    assert not users_files.may_follow(pytester.parseconfig("--noconftest"))


def test_testpaths_stand_for_arguments(folder, pytester):
    (folder / "src" / "conftest.py").write_text("")
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = src\n")
    assert users_files.may_follow(pytester.parseconfig())


def test_a_pattern_or_a_package_may_lead_anywhere(folder, pytester):
    assert users_files.may_follow(pytester.parseconfig("--pyargs", "json"))
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = s*\n")
    assert users_files.may_follow(pytester.parseconfig())


def test_another_plugins_hook_may_import_anything(folder, pytester):
    (folder / "loads.py").write_text("def pytest_load_initial_conftests():\n    pass\n")
    pytester.syspathinsert(folder)
    assert users_files.may_follow(pytester.parseconfig("-p", "loads"))
