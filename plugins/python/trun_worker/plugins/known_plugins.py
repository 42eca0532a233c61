"""The one table of third-party hooks that trun knows, by distribution, and what each of them may be spared.

``ITEM_BY_ITEM``: implementations of collection hooks that look at one item (or file) at a time, so that a worker that
sees only its own files does the same as one that sees all. ``COLLECTING``: the same for a run in which they do nothing.
``HARMLESS``: implementations of the hooks around a test that the fast lane may leave out for an item for which the given
predicate is false. A comparison runs each of them in all modes (tests/compat). ``AFTERWARDS``: the same for hooks of which
only a phase that is over tells. ``WORKER_INPUT``: what a plugin's ``pytest_configure_node`` would tell each worker, for
plugins that trun can ask without a controller.
"""

from __future__ import annotations

import functools
import inspect
import os
import random
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from _pytest.cacheprovider import Cache

if TYPE_CHECKING:
    from _pytest.config import Config

Predicate = Callable[[Any], bool]


def _is_hypothesis_test(item: Any) -> bool:
    return bool(getattr(getattr(item, "obj", None), "is_hypothesis_test", False))


def _is_async(item: Any) -> bool:
    function = getattr(item, "obj", None)
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _is_left_out_of_coverage(item: Any) -> bool:
    # pytest_cov.plugin.CovPlugin.pytest_runtest_call pauses the measurement.
    return item.get_closest_marker("no_cover") is not None or "no_cover" in getattr(item, "fixturenames", ())


def _has_timeout(item: Any) -> bool:
    # pytest_timeout.pytest_configure leaves the effective option or ini value here; a marker overrides it.
    config = item.config
    if getattr(config, "_env_timeout", True) or item.get_closest_marker("timeout") is not None:
        return True
    return _has_session_timeout(config)


def _is_reported_as_html(item: Any) -> bool:
    # pytest_html.plugin.pytest_runtest_makereport puts `extras` into reports, for its own report.
    return bool(getattr(item.config.option, "htmlpath", None))


def _is_rerun(item: Any) -> bool:
    # pytest_rerunfailures: of a test that nobody asks to be run again, its hooks only take notes.
    count = getattr(sys.modules.get("pytest_rerunfailures"), "get_reruns_count", None)
    return count is None or count(item) is not None


def _is_forked(item: Any) -> bool:
    # pytest_forked.pytest_runtest_protocol
    return bool(getattr(item.config.option, "forked", True)) or item.get_closest_marker("forked") is not None


def _is_flaky(item: Any) -> bool:
    # flaky: a decorator leaves attributes on functions and classes; its hooks look for these, the marker and the option.
    if getattr(item.config.option, "force_flaky", True) or item.get_closest_marker("flaky") is not None:
        return True
    return any(
        hasattr(each, "_flaky_current_runs") for each in (getattr(item, "obj", None), getattr(item, "cls", None))
    )


def _is_retried(item: Any) -> bool:
    # pytest_retry: of a test without its marker it only keeps how that went, for whoever has imported the keys.
    if item.get_closest_marker("flaky") is not None:
        return True
    if _somebody_asks_for_retries(item.config):
        return True
    # If it fails its reports go through pytest_retry.retry_plugin.pytest_runtest_makereport, which expects this.
    retry: Any = sys.modules["pytest_retry.retry_plugin"]
    empty = {"outcomes": {stage: [] for stage in retry.stages}, "durations": {stage: [0.0] for stage in retry.stages}}
    retry.retry_manager.node_stats.setdefault(item.nodeid, empty)
    return False


@functools.lru_cache(maxsize=1)
def _somebody_asks_for_retries(config: Config) -> bool:
    """Whether a conftest or plugin has imported pytest-retry or one of its keys."""
    retry = sys.modules.get("pytest_retry")
    things = [retry, *(getattr(retry, name, None) for name in ("outcome_key", "attempts_key", "duration_key"))]
    if None in things:
        return True
    modules = [plugin for plugin in config.pluginmanager.get_plugins() if inspect.ismodule(plugin)]
    others = [module for module in modules if module.__name__.partition(".")[0] != "pytest_retry"]
    return any(value is thing for module in others for value in list(vars(module).values()) for thing in things)


def _is_codspeed_enabled(item: Any) -> bool:
    # pytest_codspeed.plugin.pytest_configure
    return bool(getattr(item.config.option, "codspeed", True)) or os.environ.get("CODSPEED_ENV") is not None


def _is_traced(item: Any) -> bool:
    # logfire._internal.integrations.pytest: each of its hooks asks this first, or whether there is a span of another.
    enabled = getattr(sys.modules.get("logfire._internal.integrations.pytest"), "_is_enabled", None)
    return enabled is None or bool(enabled(item.config))


def _has_failed_checks() -> bool:
    # pytest_check.plugin.pytest_runtest_makereport makes a failure of what its calls have noted, and begins anew.
    log: Any = sys.modules.get("pytest_check.check_log")
    if not hasattr(log, "get_num_failures") or log.get_num_failures() or log.get_failures():
        return True
    log.clear_failures()
    return False


def _has_session_timeout(config: Any) -> bool:
    """Whether pytest-timeout looks at its clock after each test."""
    if getattr(config.option, "session_timeout", None) is not None:
        return True
    try:
        return bool(config.getini("session_timeout"))
    except (KeyError, ValueError):
        return False  # a version without it


def _may_be_asynchronous(function: Any) -> bool:
    # pytest_asyncio.plugin.pytest_generate_tests looks for coroutines, hypothesis' tests of coroutines, and its own marker.
    kinds = inspect.CO_COROUTINE | inspect.CO_ITERABLE_COROUTINE | inspect.CO_ASYNC_GENERATOR
    marks = {"hypothesis", "is_hypothesis_test", "_is_coroutine_mark", "_is_coroutine"}
    return bool(function.__code__.co_flags & kinds) or not marks.isdisjoint(function.__dict__)


#: Modules of plugins whose ``pytest_generate_tests`` does nothing for a function for which the predicate is false.
PARAMETRISE: dict[str, Predicate] = {"pytest_asyncio.plugin": _may_be_asynchronous}

#: (distribution, hook): the implementation treats items one by one.
ITEM_BY_ITEM: frozenset[tuple[str, str]] = frozenset(
    {
        ("pytest-cov", "pytest_runtestloop"),  # starts nothing of its own; sums up in the controller
        ("hypothesis", "pytest_collection_modifyitems"),
        ("hypothesis", "pytest_ignore_collect"),
        ("anyio", "pytest_collection_finish"),
        ("time-machine", "pytest_collection_modifyitems"),
        ("pytest-memray", "pytest_collection_modifyitems"),
        ("pytest-benchmark", "pytest_collection_modifyitems"),
        ("pytest-codspeed", "pytest_collection_modifyitems"),
        ("pytest-django", "pytest_collectstart"),
        ("pytest-django", "pytest_itemcollected"),
        ("pytest-retry", "pytest_collection_modifyitems"),
        ("pytest-sugar", "pytest_collection_finish"),  # counts for a terminal that nobody sees
        ("pytest-sugar", "pytest_deselected"),
    }
)

#: (distribution, hook): predicate of the items for which the implementation does anything.
HARMLESS: dict[tuple[str, str], Predicate] = {
    ("hypothesis", "pytest_runtest_call"): _is_hypothesis_test,
    ("hypothesis", "pytest_runtest_makereport"): _is_hypothesis_test,
    ("anyio", "pytest_pyfunc_call"): _is_async,
    ("pytest-asyncio", "pytest_pyfunc_call"): _is_async,
    ("pytest-cov", "pytest_runtest_call"): _is_left_out_of_coverage,
    ("pytest-timeout", "pytest_runtest_protocol"): _has_timeout,
    ("pytest-timeout", "pytest_runtest_call"): _has_timeout,
    ("pytest-html", "pytest_runtest_makereport"): _is_reported_as_html,
    ("pytest-rerunfailures", "pytest_runtest_protocol"): _is_rerun,
    ("pytest-rerunfailures", "pytest_runtest_teardown"): _is_rerun,
    ("pytest-rerunfailures", "pytest_runtest_makereport"): _is_rerun,
    ("pytest-forked", "pytest_runtest_protocol"): _is_forked,
    ("flaky", "pytest_runtest_protocol"): _is_flaky,
    ("flaky", "pytest_runtest_setup"): _is_flaky,
    ("pytest-retry", "pytest_runtest_protocol"): _is_retried,
    ("pytest-retry", "pytest_runtest_makereport"): _is_retried,
    ("pytest-retry", "pytest_report_teststatus"): _is_retried,
    ("pytest-codspeed", "pytest_runtest_protocol"): _is_codspeed_enabled,
    ("logfire-sdk", "pytest_runtest_protocol"): _is_traced,
    ("logfire-sdk", "pytest_runtest_setup"): _is_traced,
    ("logfire-sdk", "pytest_runtest_call"): _is_traced,
    ("logfire-sdk", "pytest_runtest_teardown"): _is_traced,
    ("logfire-sdk", "pytest_runtest_makereport"): _is_traced,
}

#: (distribution, hook): asked after each phase that has passed. False: there was nothing to do for the hook, or it is done.
AFTERWARDS: dict[tuple[str, str], Callable[[], bool]] = {
    ("pytest-check", "pytest_runtest_makereport"): _has_failed_checks,
}

#: (distribution, hook): may be left to each worker: nothing of it needs the one process that saw the whole run.
FORK_SAFE: frozenset[tuple[str, str]] = frozenset(
    {
        ("hypothesis", "pytest_terminal_summary"),
        ("pytest-django", "pytest_unconfigure"),  # gives back what its own process took
    }
)


def _randomly_input(config: Config) -> dict[str, Any]:
    """pytest_randomly.pytest_configure: the seed of the option, of the last run, or a new one; kept for the next run."""
    seed = getattr(config.option, "randomly_seed", "default")
    cache = Cache.for_config(config, _ispytest=True) if config.pluginmanager.hasplugin("cacheprovider") else None
    fresh = random.Random().getrandbits(32)
    if seed == "default" or (seed == "last" and cache is None):
        seed = fresh
    elif seed == "last" and cache is not None:
        seed = cache.get("randomly_seed", fresh)
    if cache is not None:
        cache.set("randomly_seed", seed)
    config.option.randomly_seed = seed  # the collecting process configures as a controller does
    return {"randomly_seed": seed}


#: By distribution: what a worker's ``workerinput`` must hold, asked once a run, in the fork server.
WORKER_INPUT: dict[str, Callable[[Config], dict[str, Any]]] = {
    "pytest-randomly": _randomly_input,
}

#: Plugins that work in one process only once one of these options is set: (distribution, option's dest, flag).
ONE_PROCESS: tuple[tuple[str, str, str], ...] = (
    ("pytest-bdd", "generate_missing", "--generate-missing"),  # a session of its own, in pytest_cmdline_main
    ("pytest-benchmark", "benchmark_only", "--benchmark-only"),
    ("pytest-deadfixtures", "deadfixtures", "--dead-fixtures"),
)


def _never(config: Config) -> bool:
    return False


def _with(*options: str) -> Predicate:
    """At work where one of these options (by dest) is given."""
    return lambda config: any(getattr(config.option, option, None) for option in options)


def _has_django_settings(config: Config) -> bool:
    # pytest_django.lazy_django.django_settings_is_configured: then tests with a database come first.
    settings = getattr(sys.modules.get("django.conf"), "settings", None)
    return bool(os.environ.get("DJANGO_SETTINGS_MODULE")) or bool(getattr(settings, "configured", False))


def _has_random_order(config: Config) -> bool:
    # random_order.config.Config.is_enabled
    options = [str(getattr(config.option, name, "")) for name in ("random_order_bucket", "random_order_seed")]
    return bool(getattr(config.option, "random_order_enabled", True)) or not all(
        option.startswith("default:") for option in options
    )


def _says_how_structlog_is_set(config: Config) -> bool:
    # pytest_structlog.pytest_report_collectionfinish
    report = getattr(getattr(sys.modules.get("pytest_structlog"), "settings", None), "report", "always")
    return report != "never" and (report != "auto" or bool(config.option.verbose))


#: (distribution, hook): whether it has anything to do with the collection of this run. If not it is as if it were not there.
COLLECTING: dict[tuple[str, str], Callable[[Any], bool]] = {
    ("pytest-django", "pytest_collection_modifyitems"): _has_django_settings,
    ("pytest-random-order", "pytest_collection_modifyitems"): _has_random_order,
    ("pytest-ruff", "pytest_collect_file"): _with("ruff"),
    ("pytest-structlog", "pytest_report_collectionfinish"): _says_how_structlog_is_set,
}

#: By distribution: whether a plugin that has hooks of a controller has anything to do there. Others that have some always do.
CONTROLLER: dict[str, Callable[[Any], bool]] = {
    "pytest-xdist": _never,
    "pytest-timeout": _never,
    "pytest-asyncio": _never,
    "anyio": _never,
    "pytest-randomly": _never,  # WORKER_INPUT
    "pytest-django": _never,
    "pytest-cov": lambda config: bool(config.option.cov_source) and not config.option.no_cov,
    "pytest-html": _with("htmlpath"),
    "pytest-metadata": _with("htmlpath", "json_report"),  # who else reads it sums up, and has a host for that
    "pytest-json-report": _with("json_report"),
    "pytest-reportlog": _with("report_log"),
    "pytest-split": _with("store_durations"),
    "hypothesis": _with("hypothesis_show_statistics"),
}


def attributes_of_passes(config: Config) -> dict[str, dict[str, Any]]:
    """By phase: what plugins at work leave on the report of a test that simply passes; the plugin host puts it there, too."""
    # pytest_html.plugin.pytest_runtest_makereport: nothing was attached.
    return {"call": {"extras": []}} if getattr(config.option, "htmlpath", None) else {}


#: By distribution: what these sum up at the end is not what the controller heard of tests.
_DEAF: frozenset[str] = frozenset({"pytest-cov"})


def is_deaf(distribution: str, config: Config) -> bool:
    """Whether it is all the same to the plugin, which is loaded, if the plugin host hears of tests."""
    return distribution in _DEAF or (distribution in CONTROLLER and not CONTROLLER[distribution](config))
