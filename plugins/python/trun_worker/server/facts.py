"""What the fork server tells the engine of the parsed configuration: facts and reasons, no decisions.

A *reason* is a sentence that names what stands against a way of collecting, against forking, or against running without a
terminal of pytest's own; the engine chooses (scheduler/collect_mode.h).
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy
import pytest

from trun_worker import PROTOCOL_VERSION
from trun_worker.host import reasons as host_reasons
from trun_worker.plugins import engine_options, hooks, reasons
from trun_worker.server import cache
from trun_worker.wire.channel import Frame

if TYPE_CHECKING:
    from _pytest.config import Config


def configured(
    config: Config, distributions: hooks.Distributions, xdist: list[list[str]], auto_workers: int | None, alone: bool
) -> Frame:
    """The ``configured`` frame (docs/protocol.md). ``alone``: there are to be no workers (-n 0)."""
    found = hooks.hooks_beyond_pytest(config, distributions)
    texts = host_reasons.texts_of_project(config)
    of_plugins = host_reasons.texts_of_plugins(config, distributions)
    names_junit = host_reasons.names_junit(texts)
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
        "xdist": xdist,
        "auto_workers": auto_workers,
        "ini": _ini(config),
        "options": engine_options.read(config),
        "hooks": found,
        "conftests": list(_conftests(config)),
        "against_sharded": [*reasons.against_sharded(config, found), *reasons.reads_collection(texts)],
        "against_once": list(reasons.against_once(config, found)),
        "against_fast_lane": [],
        "host": host_reasons.wanted(config, distributions, texts, of_plugins),
        # Without workers pytest's own session is what a host would be.
        "solo": [
            *reasons.solo(config, distributions),
            *(
                [
                    *host_reasons.by_hooks(config, distributions),
                    *host_reasons.registered_late([*texts, *of_plugins]),
                    *host_reasons.changes_terminal([*texts, *of_plugins]),
                    *names_junit,
                    *reasons.live_log(config),
                ]
                if alone
                else ()
            ),
        ],
        "names_junit": bool(names_junit),
        "names_workers": host_reasons.names_workers(texts),
        "timeout_plugin": config.pluginmanager.hasplugin("timeout"),
        "markers": [],
        "durations": cache.durations(config),
        "bound_before": cache.bound(config),
    }


def _conftests(config: Config) -> Iterator[str]:
    for name, plugin in config.pluginmanager.list_name_plugin():
        if Path(str(name)).name == "conftest.py" and plugin is not None:
            yield str(name)


def _header(config: Config, distributions: hooks.Distributions) -> list[str]:
    """pytest's header, less the lines that plugins add once they are configured."""
    line = f"platform {sys.platform} -- Python {platform.python_version()}"
    pypy = getattr(sys, "pypy_version_info", None)
    if pypy:
        line += f"[pypy-{'.'.join(map(str, pypy[:3]))}-{pypy[3]}]"
    line += f", pytest-{pytest.__version__}, pluggy-{pluggy.__version__}"
    # Without pytest's terminal (-p no:terminal) there is no -v.
    if getattr(config.option, "verbose", 0) > 0 or getattr(config.option, "debug", None):
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
    found: dict[str, Any] = {name: engine_options.getini(config, name) for name in names}
    found["junit_log_passing_tests"] = bool(found["junit_log_passing_tests"])
    for name in ("python_files", "norecursedirs", "python_functions", "python_classes"):
        found[name] = [str(pattern) for pattern in engine_options.getini(config, name) or []]
    return found
