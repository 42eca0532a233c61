"""Whose hook implementations there are: what a conftest or a plugin of another distribution adds to pytest's own."""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from functools import cache, cached_property
from importlib.metadata import Distribution
from typing import TYPE_CHECKING, Any

import pluggy

from trun_worker.plugins import known_plugins
from trun_worker.system import kinds

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
    "pytest_report_collectionfinish",
)
#: Hooks that may undo in many workers what configure or session start did once.
ENDING_HOOKS = ("pytest_sessionfinish", "pytest_unconfigure")
#: Hooks that speak on pytest's terminal after seeing every result.
TERMINAL_HOOKS = ("pytest_terminal_summary",)
LOOP_HOOKS = ("pytest_runtestloop",)
#: What NFPlugin's constructor names in pytest 7.4 to 9.2.
_IDS_OF_CACHE = frozenset({"config", "option", "newfirst", "active", "cache", "get", "set", "cached_nodeids"})
_REPORTED = COLLECTION_HOOKS + ENDING_HOOKS + TERMINAL_HOOKS + LOOP_HOOKS

HookFact = dict[str, Any]


class Distributions:
    """Which distribution (name, version) a plugin module came with."""

    def __init__(self, config: Config) -> None:
        self.config = config
        #: By id: a plugin may be an object that cannot be hashed. pytest keeps them all.
        self._by_plugin: dict[int, tuple[str, str]] = {}
        self._by_package: dict[str, tuple[str, str]] = {}
        for plugin, distribution in config.pluginmanager.list_plugin_distinfo():
            _keep_metadata(distribution)
            self._by_plugin[id(plugin)] = self._by_package[_package(plugin)] = _named(distribution)

    def of(self, plugin: Any) -> tuple[str, str]:
        """("pytest-asyncio", "1.5.0"); ("", "") for what no distribution registered, a conftest say."""
        return self._by_plugin.get(id(plugin)) or self._by_package.get(_package(plugin), ("", ""))

    def all(self) -> list[tuple[str, str]]:
        return sorted(set(self._by_plugin.values()))


@cache
def _parsed_once(kind: Any) -> type:
    """Of a class of distributions, whose objects read and parse their metadata whenever they are asked for a name or a version:
    pytest's header does, and pytest-metadata in each process."""
    metadata = cached_property(lambda distribution: kind.metadata.__get__(distribution))
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, "metadata": metadata})


def _keep_metadata(distribution: Any) -> None:
    """Once for all forks. ``distribution``: what pluggy makes anew of an object of the standard library's in each call."""
    own = getattr(distribution, "_dist", None)
    kind: Any = type(own)
    if isinstance(own, Distribution) and not isinstance(vars(kind).get("metadata"), cached_property):
        with suppress(TypeError):  # its objects have another layout
            own.__class__ = _parsed_once(kind)


def _named(distribution: Any) -> tuple[str, str]:
    return distribution.project_name, distribution.version


def _package(plugin: Any) -> str:
    return str(module_name(plugin)).partition(".")[0]


def module_name(plugin: Any) -> str:
    """The module that a plugin is or that its class is from."""
    try:
        name = getattr(plugin, "__name__", None)
    except Exception:  # it answers for itself
        name = None
    return name if isinstance(name, str) else kinds.module_of(type(plugin))


def beyond_pytest(implementation: pluggy.HookImpl) -> bool:
    """Whether a hook implementation is neither pytest's nor trun's own."""
    module = str(getattr(implementation.function, "__module__", "") or module_name(implementation.plugin))
    return not module.startswith(("_pytest.", "pytest.", "trun_worker."))


def foreign(caller: Any) -> list[pluggy.HookImpl]:
    """The implementations of one hook that are neither pytest's nor trun's. ``caller``: what calls it; None: no such hook."""
    return [] if caller is None else [each for each in caller.get_hookimpls() if beyond_pytest(each)]


def hooks_beyond_pytest(config: Config, distributions: Distributions) -> list[HookFact]:
    """The ``hooks`` of a frame: implementations of the hooks that bear on a choice."""
    hook = config.pluginmanager.hook
    return [fact for name in _REPORTED for fact in facts_of(name, getattr(hook, name, None), distributions)]


def facts_of(name: str, caller: Any, distributions: Distributions) -> list[HookFact]:
    """What a frame says of each of ``foreign``."""
    found = []
    for implementation in foreign(caller):
        distribution, version = distributions.of(implementation.plugin)
        found.append(
            {
                "hook": name,
                "plugin": str(implementation.plugin_name),
                "distribution": distribution,
                "version": version,
                "path": _file(implementation),
                "known": _known(distribution, name, distributions.config),
            }
        )
    return found


def _known(distribution: str, hook: str, config: Config) -> bool:
    pair = (distribution, hook)
    if pair in known_plugins.COLLECTING:
        return not known_plugins.COLLECTING[pair](config)
    return pair in known_plugins.ITEM_BY_ITEM or pair in known_plugins.FORK_SAFE


def _file(implementation: pluggy.HookImpl) -> str:
    code = getattr(implementation.function, "__code__", None)
    return str(getattr(code, "co_filename", ""))


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


def leave_out_summaries(config: Config) -> None:
    """Take plugins' parts of the terminal summary out of a worker, where nobody reads it.

    Unknown ones make a run solo; those that are left only cost: Hypothesis imports all of itself there, at every worker's end.
    """
    caller: Any = config.hook.pytest_terminal_summary
    for implementation in foreign(caller):
        remove(caller, implementation.plugin)


def remove(caller: Any, plugin: object) -> bool:
    """Take the implementation of one plugin out of a hook. False: it has none, or pluggy has no way to do it."""
    if not hasattr(caller, "_remove_plugin") or all(each.plugin is not plugin for each in caller.get_hookimpls()):
        return False
    caller._remove_plugin(plugin)
    return True


def leave_known_ids(config: Config) -> None:
    """Before configuring, in a process that writes no cache: pytest reads the node ids of all earlier runs, for --nf and to write
    them back with those of this one. Left out where this pytest does no more than that."""
    from _pytest.cacheprovider import NFPlugin  # what configures without it needs none of this

    original = NFPlugin.__init__
    if getattr(config.option, "newfirst", True) or not _IDS_OF_CACHE.issuperset(original.__code__.co_names):
        return

    known = weakref.ref(config)  # it is freed before modules are

    def __init__(self: Any, its: Config) -> None:
        if its is known():
            self.config, self.active, self.cached_nodeids = its, False, set()
        else:  # of a session within a test
            original(self, its)

    NFPlugin.__init__ = __init__  # type: ignore[assignment, method-assign]


def leave_cache_alone(config: Config) -> None:
    """What pytest would write into its cache at the end is written once a run, by the fork server (cache.py)."""
    for name in ("lfplugin", "nfplugin"):
        if config.pluginmanager.hasplugin(name):
            config.pluginmanager.unregister(name=name)
