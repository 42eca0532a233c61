"""What the fork server tells the engine of the parsed configuration: facts and reasons, no decisions.

A *reason* is a sentence that names what stands against a way of collecting, against forking, or against running without a
terminal of pytest's own; the engine chooses (scheduler/collect_mode.h).
"""

from __future__ import annotations

import os
import platform
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy
import pytest

from trun_worker import PROTOCOL_VERSION, known
from trun_worker.wire import Frame

if TYPE_CHECKING:
    from _pytest.config import Config

#: Hooks whose implementations may depend on seeing the whole collection.
COLLECTION_HOOKS = (
    "pytest_collection",
    "pytest_collection_modifyitems",
    "pytest_collection_finish",
    "pytest_collect_file",
    "pytest_collect_directory",
    "pytest_collectstart",
    "pytest_collectreport",
    "pytest_make_collect_report",
    "pytest_ignore_collect",
    "pytest_itemcollected",
    "pytest_deselected",
    "pytest_pycollect_makemodule",
)
#: Hooks that may undo in many workers what configure or session start did once.
ENDING_HOOKS = ("pytest_sessionfinish", "pytest_unconfigure")
#: Hooks that speak on pytest's terminal after seeing every result.
TERMINAL_HOOKS = ("pytest_terminal_summary",)
LOOP_HOOKS = ("pytest_runtestloop",)
_REPORTED = COLLECTION_HOOKS + ENDING_HOOKS + TERMINAL_HOOKS + LOOP_HOOKS

#: Options (by dest) that change the whole collection, or remember one run for the next.
_AGAINST_SHARDED = {
    "lf": "--lf",
    "failedfirst": "--ff",
    "newfirst": "--nf",
    "keepduplicates": "--keep-duplicates",
    "pyargs": "--pyargs",
    "doctestmodules": "--doctest-modules",
    "doctestglob": "--doctest-glob",
}
#: Options (by dest) that belong to one session with pytest's own terminal.
_SOLO = {
    "help": "--help",
    "version": "--version",
    "markers": "--markers",
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "collectonly": "--collect-only",
    "cacheshow": "--cache-show",
    "setuponly": "--setup-only",
    "setupshow": "--setup-show",
    "setupplan": "--setup-plan",
    "usepdb": "--pdb",
    "trace": "--trace",
    "stepwise": "--stepwise",
    "stepwise_skip": "--stepwise-skip",
    "debug": "--debug",
    "pastebin": "--pastebin",
    "tracefixtures": "--trace",
}

HookFact = dict[str, Any]


def configured(config: Config, distributions: Distributions, numprocesses: Any) -> Frame:
    """The ``configured`` frame (docs/protocol.md)."""
    hooks = hooks_beyond_pytest(config, distributions)
    option = config.option
    return {
        "t": "configured",
        "version": PROTOCOL_VERSION,
        "pytest": pytest.__version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "header": _header(config, distributions),
        "rootdir": str(config.rootpath),
        "inipath": None if config.inipath is None else str(config.inipath),
        "invocation_dir": str(config.invocation_params.dir),
        "args": [str(arg) for arg in config.args],
        "args_source": config.args_source.name,
        "numprocesses": numprocesses,
        "ini": _ini(config),
        "options": _options(config),
        "hooks": hooks,
        "conftests": [hook["path"] for hook in _conftests(config)],
        "against_sharded": list(_against_sharded(config, hooks)),
        "against_once": list(_against_once(config, hooks)),
        "against_fork": list(_against_fork()),
        "against_fast_lane": [],
        "solo": list(_solo(config, hooks, distributions)),
        "threads": threading.active_count(),
        "markers": [],
        "suppress": {"maxfail": option.maxfail},
    }


class Distributions:
    """Which distribution (name, version) a plugin module came with."""

    def __init__(self, config: Config) -> None:
        self._by_plugin: dict[Any, tuple[str, str]] = {}
        for plugin, distribution in config.pluginmanager.list_plugin_distinfo():
            self._by_plugin[plugin] = (distribution.project_name, distribution.version)
        self._by_package = {_package(plugin): found for plugin, found in self._by_plugin.items()}

    def of(self, plugin: Any) -> tuple[str, str]:
        """("pytest-asyncio", "1.5.0"); ("", "") for what no distribution registered, a conftest say."""
        return self._by_plugin.get(plugin) or self._by_package.get(_package(plugin), ("", ""))

    def all(self) -> list[tuple[str, str]]:
        return sorted(set(self._by_plugin.values()))


def _package(plugin: Any) -> str:
    return str(module_name(plugin)).partition(".")[0]


def module_name(plugin: Any) -> str:
    """The module that a plugin is or that its class is from."""
    name = getattr(plugin, "__name__", None)
    return name if isinstance(name, str) else type(plugin).__module__


def beyond_pytest(implementation: pluggy.HookImpl) -> bool:
    """Whether a hook implementation is neither pytest's nor trun's own."""
    module = str(getattr(implementation.function, "__module__", "") or module_name(implementation.plugin))
    return not module.startswith(("_pytest.", "pytest.", "trun_worker."))


def hooks_beyond_pytest(config: Config, distributions: Distributions) -> list[HookFact]:
    """The ``hooks`` of a frame: implementations of the hooks that bear on a choice."""
    found = []
    for name in _REPORTED:
        caller = getattr(config.hook, name, None)
        for implementation in caller.get_hookimpls() if caller is not None else ():
            if not beyond_pytest(implementation):
                continue
            distribution, version = distributions.of(implementation.plugin)
            found.append(
                {
                    "hook": name,
                    "plugin": str(implementation.plugin_name),
                    "distribution": distribution,
                    "version": version,
                    "path": _file(implementation),
                    "known": _known(distribution, name),
                }
            )
    return found


def _known(distribution: str, hook: str) -> bool:
    pair = (distribution, hook)
    return pair in known.ITEM_BY_ITEM or pair in known.FORK_SAFE


def _file(implementation: pluggy.HookImpl) -> str:
    code = getattr(implementation.function, "__code__", None)
    return str(getattr(code, "co_filename", ""))


def _conftests(config: Config) -> Iterator[HookFact]:
    for name, plugin in config.pluginmanager.list_name_plugin():
        if Path(str(name)).name == "conftest.py" and plugin is not None:
            yield {"path": str(name)}


def named(hook: HookFact, config: Config) -> str:
    """How a reason names an implementation: "conftest.py implements pytest_x"."""
    if hook["distribution"]:
        owner = f"{hook['distribution']} {hook['version']}"
    else:
        owner = _relative(hook["path"] or hook["plugin"], config)
    return f"{owner} implements {hook['hook']}"


def _relative(path: str, config: Config) -> str:
    relative = os.path.relpath(path, config.rootpath) if os.path.isabs(path) else path
    return path if relative.startswith("..") else relative


def against_sharded_hooks(config: Config, hooks: list[HookFact]) -> Iterator[str]:
    """Reasons among the hooks alone; also asked in a worker, for those that plugins register in pytest_configure."""
    for hook in hooks:
        if hook["hook"] in COLLECTION_HOOKS + LOOP_HOOKS and not hook["known"]:
            yield named(hook, config)


def _against_sharded(config: Config, hooks: list[HookFact]) -> Iterator[str]:
    yield from against_sharded_hooks(config, hooks)
    for dest, flag in _AGAINST_SHARDED.items():
        if getattr(config.option, dest, None):
            yield f"{flag} is given"
    if not config.pluginmanager.hasplugin("python"):
        yield "pytest's python plugin is disabled"


def _against_once(config: Config, hooks: list[HookFact]) -> Iterator[str]:
    for hook in hooks:
        if hook["hook"] in ENDING_HOOKS + LOOP_HOOKS and not hook["known"]:
            yield named(hook, config)


def _against_fork() -> Iterator[str]:
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            yield f"thread {thread.name!r} runs in the fork server"


def _solo(config: Config, hooks: list[HookFact], distributions: Distributions) -> Iterator[str]:
    for dest, flag in _SOLO.items():
        if getattr(config.option, dest, None):
            yield f"{flag} is given"
    installed = {name.lower() for name, _ in distributions.all()}
    for distribution, dest, flag in known.CONTROLLER_OPTIONS:
        if distribution in installed and getattr(config.option, dest, None):
            yield f"{distribution} ({flag}) needs a controller"
    for hook in hooks:
        if hook["hook"] in TERMINAL_HOOKS and not hook["known"]:
            yield named(hook, config)


def _header(config: Config, distributions: Distributions) -> list[str]:
    """pytest's header, less the lines that plugins add once they are configured."""
    line = f"platform {sys.platform} -- Python {platform.python_version()}"
    pypy = getattr(sys, "pypy_version_info", None)
    if pypy:
        line += f"[pypy-{'.'.join(map(str, pypy[:3]))}-{pypy[3]}]"
    line += f", pytest-{pytest.__version__}, pluggy-{pluggy.__version__}"
    if config.option.verbose > 0 or config.option.debug:
        line += f" -- {sys.executable}"
    lines = [line, f"rootdir: {config.rootpath}"]
    if config.inipath is not None:
        lines.append(f"configfile: {os.path.relpath(config.inipath, config.rootpath)}")
    if config.args_source.name == "TESTPATHS":
        lines.append(f"testpaths: {', '.join(config.getini('testpaths'))}")
    plugins = [f"{name[7:] if name.startswith('pytest-') else name}-{version}" for name, version in distributions.all()]
    if plugins:
        lines.append(f"plugins: {', '.join(plugins)}")
    return lines


def _ini(config: Config) -> dict[str, Any]:
    names = (
        "junit_suite_name",
        "junit_family",
        "junit_logging",
        "junit_duration_report",
        "junit_log_passing_tests",
        "cache_dir",
        "console_output_style",
    )
    found: dict[str, Any] = {name: _getini(config, name) for name in names}
    found["junit_log_passing_tests"] = bool(found["junit_log_passing_tests"])
    for name in ("python_files", "norecursedirs"):
        found[name] = [str(pattern) for pattern in _getini(config, name) or []]
    return found


def _getini(config: Config, name: str) -> Any:
    try:
        return config.getini(name)
    except (ValueError, KeyError):
        return ""


def _options(config: Config) -> dict[str, Any]:
    option = config.option

    def get(dest: str, default: Any) -> Any:
        value = getattr(option, dest, None)
        return default if value is None else value

    return {
        "verbose": get("verbose", 0),
        "reportchars": get("reportchars", "fE"),
        "tbstyle": get("tbstyle", "auto"),
        "durations": getattr(option, "durations", None),
        "durations_min": getattr(option, "durations_min", None),
        "color": get("color", "auto"),
        "capture": get("capture", "fd"),
        "maxfail": get("maxfail", 0),
        "showcapture": get("showcapture", "all"),
        "no_header": bool(get("no_header", False)),
        "no_summary": bool(get("no_summary", False)),
        "disable_warnings": bool(get("disable_warnings", False)),
        "continue_on_collection_errors": bool(get("continue_on_collection_errors", False)),
        "xmlpath": getattr(option, "xmlpath", None),
        "junitprefix": get("junitprefix", ""),
        "max_warnings": _max_warnings(config),
        "cache": config.pluginmanager.hasplugin("cacheprovider"),
        "keyword": get("keyword", ""),
        "markexpr": get("markexpr", ""),
        "importmode": get("importmode", "prepend"),
        "ignore": [os.path.abspath(path) for path in get("ignore", [])],
        "ignore_glob": [os.path.abspath(path) for path in get("ignore_glob", [])],
        "fold_skipped": bool(get("fold_skipped", True)),
    }


def _max_warnings(config: Config) -> int | None:
    value = getattr(config.option, "max_warnings", None)
    value = _getini(config, "max_warnings") if value is None else value
    return None if value in (None, "") else int(value)
