"""Why a run cannot be sharded, forked after collection, or taken out of pytest's own hands: sentences for the user."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from trun_worker.plugins import hooks, known_plugins
from trun_worker.plugins.hooks import HookFact

if TYPE_CHECKING:
    from _pytest.config import Config

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
    "stepwise_reset": "--stepwise-reset",
    "debug": "--debug",
    "pastebin": "--pastebin",
    "tracefixtures": "--trace",
}

#: What a plugin of the project's own says that looks at the whole collection; of conftests the engine reads it.
_WORDS = re.compile(rb"\btestscollected\b|\bcollect_ignore(?:_glob)?\b|\bsession\.items\b")
_PARTS_OF_WORDS = (b"testscollected", b"collect_ignore", b"session.items")


def against_sharded_hooks(config: Config, found: list[HookFact]) -> Iterator[str]:
    """Reasons among the hooks alone; also asked in a worker, for those that plugins register in pytest_configure."""
    for hook in found:
        if hook["hook"] in hooks.COLLECTION_HOOKS + hooks.LOOP_HOOKS and not hook["known"]:
            yield hooks.named(hook, config)


def against_sharded(config: Config, found: list[HookFact]) -> Iterator[str]:
    yield from against_sharded_hooks(config, found)
    for dest, flag in _AGAINST_SHARDED.items():
        value = getattr(config.option, dest, None)
        if any(value) if isinstance(value, list) else value:  # `--doctest-glob=` takes back what addopts has
            yield f"{flag} is given"
    if not config.pluginmanager.hasplugin("python"):
        yield "pytest's python plugin is disabled"
    yield from _words_of_plugins(config)


def _words_of_plugins(config: Config) -> Iterator[str]:
    """Of modules that `-p` and `pytest_plugins` name: what no distribution registered, and what is no conftest."""
    distributions = hooks.Distributions(config)
    for name, plugin in config.pluginmanager.list_name_plugin():
        path = str(getattr(plugin, "__file__", None) or "")
        if not isinstance(plugin, ModuleType) or not path.endswith(".py") or os.path.basename(path) == "conftest.py":
            continue
        package = plugin.__name__.partition(".")[0]
        if package in ("_pytest", "pytest", "trun_worker", "xdist") or distributions.of(plugin)[0]:
            continue
        try:
            word = _word_in(Path(path).read_bytes())
        except OSError:
            continue
        if word:
            yield f"plugin {name} mentions {word}"


def reads_collection(texts: list[tuple[str, bytes]]) -> Iterator[str]:
    """``texts``: of the project's modules that are imported by now: what a conftest imports may be given the session."""
    for path, text in texts:
        if word := _word_in(text):
            yield f"{path} mentions {word}"


def _word_in(text: bytes) -> str:
    # The words first: most texts end there, and that takes a tenth of the time.
    found = _WORDS.search(text) if any(part in text for part in _PARTS_OF_WORDS) else None
    return found.group().decode() if found else ""


def against_once(config: Config, found: list[HookFact]) -> Iterator[str]:
    for hook in found:
        if hook["hook"] in hooks.ENDING_HOOKS + hooks.LOOP_HOOKS and not hook["known"]:
            yield hooks.named(hook, config)


def own_terminal(options: argparse.Namespace) -> Iterator[str]:
    """What asks for pytest's own terminal."""
    for dest, flag in _SOLO.items():
        if getattr(options, dest, None):
            yield f"{flag} is given"


def live_log(config: Config) -> Iterator[str]:
    """What only pytest's own terminal shows, and only where it runs the tests itself: xdist's workers show none either."""
    if not config.pluginmanager.hasplugin("logging"):
        return
    if config.getoption("log_cli_level", None) is not None:
        yield "--log-cli-level is given"
    elif config.getini("log_cli"):
        yield "log_cli is set"


def solo(config: Config, distributions: hooks.Distributions) -> Iterator[str]:
    yield from own_terminal(config.option)
    for loop in hooks.foreign(config.hook.pytest_runtestloop):
        if not distributions.of(loop.plugin)[0] and not (loop.hookwrapper or getattr(loop, "wrapper", False)):
            yield f"{loop.plugin_name} has a loop of its own (pytest_runtestloop)"
    installed = {name.lower() for name, _ in distributions.all()}
    for distribution, dest, flag in known_plugins.ONE_PROCESS:
        if distribution in installed and getattr(config.option, dest, None):
            yield f"{distribution} ({flag}) works in one process only"
