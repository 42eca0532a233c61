"""What plugins of the project's own say that stands against sharded collection."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from trun_worker.plugins import reasons


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def pytest_runtest_setup(item):\n    len(item.session.items)\n", ["plugin shop mentions session.items"]),
        (
            "def pytest_report_header(config):\n    return str(session.testscollected)\n",
            ["plugin shop mentions testscollected"],
        ),
        ("def pytest_runtest_setup(item):\n    dict(a=1).items()\n", []),
    ],
)
def test_words_in_a_plugin_module(
    text: str, found: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    plugin = ModuleType("shop_plugin")
    plugin.__file__ = str(tmp_path / "shop_plugin.py")
    Path(plugin.__file__).write_text(text)
    monkeypatch.setattr(pytestconfig.pluginmanager, "list_name_plugin", lambda: [("shop", plugin)])
    assert list(reasons._words_of_plugins(pytestconfig)) == found


@pytest.mark.parametrize(
    ("globs", "found"),
    [(None, []), ([""], []), (["*.md"], ["--doctest-glob is given"]), (["", "*.md"], ["--doctest-glob is given"])],
)
def test_a_glob_that_is_empty_stands_against_nothing(
    globs: list[str] | None, found: list[str], monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    monkeypatch.setattr(pytestconfig.option, "doctestglob", globs, raising=False)
    monkeypatch.setattr(pytestconfig.pluginmanager, "list_name_plugin", list)
    assert list(reasons.against_sharded(pytestconfig, [])) == found


def test_words_in_what_a_conftest_imports() -> None:
    texts = [
        ("helpers.py", b"len(request.session.items)"),
        ("shop.py", b"collect_ignored = order.items"),
        ("a.py", b""),
    ]
    assert list(reasons.reads_collection(texts)) == ["helpers.py mentions session.items"]
