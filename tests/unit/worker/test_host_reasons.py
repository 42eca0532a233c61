"""Who needs a plugin host: by hooks, by classes, also those that came from another module, and by what texts say."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from trun_worker.host import reasons as host_reasons

#: Of the projects below, relative to their roots.
FILES = ("helper.py",)


class Feeder:
    def pytest_configure_node(self, node: object) -> None: ...


class _Distributions:
    def of(self, plugin: object) -> tuple[str, str]:
        return (getattr(plugin, "distribution", ""), "1.0")


class _Manager:
    def __init__(self, module: ModuleType) -> None:
        self._module = module

    def list_name_plugin(self) -> list[tuple[str, object]]:
        return [(self._module.__name__, self._module), ("blocked", None)]


class _Config:
    def __init__(self, module: ModuleType, root: Path) -> None:
        self.pluginmanager, self.rootpath, self.option = _Manager(module), root, None


def _wanted(root: Path, **names: object) -> list[str]:
    module = ModuleType("plugin")
    vars(module).update(names)
    config = _Config(module, root)
    # Less those of the program that runs this test.
    texts = [each for each in host_reasons.texts_of_project(config) if each[0] in FILES or "elsewhere" in each[0]]  # type: ignore[arg-type]
    of_plugins = host_reasons.texts_of_plugins(config, _Distributions())  # type: ignore[arg-type]
    return host_reasons.wanted(config, _Distributions(), texts, of_plugins)  # type: ignore[arg-type]


def test_a_class_that_came_by_import_star_counts(tmp_path: Path) -> None:
    assert _wanted(tmp_path, Feeder=Feeder) == ["plugin implements pytest_configure_node"]


def test_a_class_of_xdist_itself_does_not(tmp_path: Path) -> None:
    session = type("Session", (Feeder,), {"__module__": "xdist.dsession"})
    assert _wanted(tmp_path, Session=session) == []


@pytest.mark.parametrize("hook", ["pytest_terminal_summary", "pytest_sessionfinish", "pytest_handlecrashitem"])
def test_a_hook_that_a_controller_has_for_all_counts(tmp_path: Path, hook: str) -> None:
    assert _wanted(tmp_path, **{hook: lambda: None}) == [f"plugin implements {hook}"]


def test_hooks_of_every_worker_do_not(tmp_path: Path) -> None:
    hooks = ("pytest_configure", "pytest_runtest_setup", "pytest_collection_modifyitems", "pytest_report_header")
    assert _wanted(tmp_path, **dict.fromkeys(hooks, lambda: None)) == []


def test_a_plugin_of_the_table_counts_by_its_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def at_work(config: object) -> bool:
        asked.append(config)
        return len(asked) > 1

    monkeypatch.setitem(host_reasons.known_plugins.CONTROLLER, "pytest-known", at_work)
    assert _wanted(tmp_path, distribution="pytest-known", Feeder=Feeder) == []
    assert _wanted(tmp_path, distribution="pytest-known", Feeder=Feeder) == ["pytest-known 1.0 is at work"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("if is_xdist_worker(session): pass", "mentions is_xdist"),
        ("hasattr(config, 'workerinput')", "mentions workerinput"),
        ("os.environ.get('PYTEST_XDIST_WORKER')", "mentions PYTEST_XDIST"),
        ("class Mine(_pytest.terminal.TerminalReporter):\n    pass", "has to do with TerminalReporter"),
        ("_pytest.terminal.TerminalReporter.summary_stats = print", "has to do with TerminalReporter"),
        ("setattr(TerminalReporter, 'summary_stats', print)", "has to do with TerminalReporter"),
        ("def pytest_configure():\n    os.environ['A'] = 'b'", "configures and has to do with the environment"),
        ("config.option.verbose += 1", "sets the option verbose"),
        ("config.option.color='yes'", "sets the option color"),
        ("setattr(config.option, 'maxfail', 2)", "sets the option maxfail"),
        ("config.option.numprocesses", "mentions numprocesses"),
        ("config.getoption('--dist') != 'no'", "asks for the option dist"),
        ("class A:\n    def pytest_terminal_summary(self): pass", "implements pytest_terminal_summary"),
        ("config.pluginmanager.register(checks.Budget(config))", "registers Budget"),
        ("config.pluginmanager.import_plugin('checks')", "registers import_plugin"),
        (
            "def pytest_configure(config):\n\n    from helper import prepare\n    prepare()",
            "configures by what it imports then",
        ),
    ],
)
def test_the_text_of_a_module_of_the_project_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, reason: str
) -> None:
    (tmp_path / "helper.py").write_text(text)
    helper = ModuleType("helper_of_a_conftest")
    helper.__file__ = str(tmp_path / "helper.py")
    monkeypatch.setitem(host_reasons.sys.modules, helper.__name__, helper)
    assert _wanted(tmp_path) == [f"helper.py {reason}"]
    harmless = (
        "from _pytest.terminal import TerminalReporter\ndef report(to: TerminalReporter): pass\n"
        "if config.option.verbose == 1 or config.option.maxfail: config.option.mine = 1\n"
        "print(getattr(config.option, 'verbose', 0), f'{config.option.color=}')  # config.option.color = 'no'\n"
        "self.option.color = 'red'\n"
    )
    libraries = "def pytest_configure():\n    from django.conf import settings\ndef f():\n    import helper\n"
    for nothing in (f"import os\nos.environ['A']\n{harmless}", libraries):
        (tmp_path / "helper.py").write_text(nothing)
        assert _wanted(tmp_path) == []


def _imported(monkeypatch: pytest.MonkeyPatch, path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    monkeypatch.setitem(host_reasons.sys.modules, f"{path.parent.name}_{path.stem}", module)


def test_a_module_outside_of_the_root_directory_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _imported(monkeypatch, tmp_path / "elsewhere" / "helper.py", "hasattr(config, 'workerinput')")
    reason = next(iter(_wanted(tmp_path / "root")), "")
    assert reason == f"{tmp_path}/elsewhere/helper.py mentions workerinput"


def test_a_registered_class_whose_text_is_there_counts_by_its_hooks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _imported(
        monkeypatch,
        tmp_path / "helper.py",
        "class A:\n    def pytest_itemcollected(self): pass\nc.pluginmanager.register(A())",
    )
    assert _wanted(tmp_path) == []


class _Answering(type):
    """A class that answers for itself, and not before something is configured."""

    def __getattribute__(cls, name: str) -> object:
        raise RuntimeError("not configured")


class _Lazy:
    def __getattribute__(self, name: str) -> object:
        raise RuntimeError("not configured")


def test_nobody_is_asked_for_an_attribute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(host_reasons.sys.modules, "lazy", _Lazy())
    odd = type("Odd", (), {"__module__": None})
    assert _wanted(tmp_path, settings=_Lazy(), A=_Answering("A", (), {}), Odd=odd) == []
