"""Which hooks around a test the fast lane dispatches: those that somebody beyond pytest listens to, each at its place.

Most implementations of a phase's hook are plain functions: pluggy calls them inside of pytest's wrappers, and that is where the
lane calls them, in pluggy's order. One that is a wrapper itself may lie around pytest's: that phase goes the standard way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from trun_worker.plugins import hooks, known_plugins
from trun_worker.run.tracebacks import unseen

if TYPE_CHECKING:
    import pluggy
    import pytest

#: Hooks that pytest calls with the reports of each phase.
_REPORTS = frozenset({"pytest_runtest_makereport", "pytest_runtest_logreport", "pytest_report_teststatus"})
_LOGS = frozenset({"pytest_runtest_logstart", "pytest_runtest_logfinish"})
_PHASES = {"setup": "pytest_runtest_setup", "call": "pytest_runtest_call", "teardown": "pytest_runtest_teardown"}
#: pytest does not ask whose conftest it is.
_OF_ALL = frozenset({"pytest_runtest_protocol", "pytest_report_teststatus"})
_BYPASSED = ("pytest_runtest_protocol", *_LOGS, *_PHASES.values(), *_REPORTS)
#: What pytest's own hooks do for a marker: hooks that are to be dispatched, or other words.
_MARKED = {
    "skip": frozenset({"pytest_runtest_setup"}),
    "skipif": frozenset({"pytest_runtest_setup"}),
    "xfail": frozenset({"pytest_runtest_setup", "pytest_runtest_makereport", "xfail"}),
    "filterwarnings": frozenset({"filterwarnings"}),
}
_NOTHING: frozenset[str] = frozenset()
_NO_KEYS: frozenset[tuple[str, str]] = frozenset()
#: Modules whose plain implementations the lane stands in for.
_STOOD_IN_FOR = ("_pytest.unraisableexception", "_pytest.threadexception", "trun_worker.run.session")

Phase = Callable[..., Any]
Key = tuple[str, str]
"""Distribution and hook."""


class Plan(NamedTuple):
    """What is dispatched for one item."""

    standard: str = ""
    """Why it goes the standard way; all else holds only without."""
    logs: bool = False
    """logstart and logfinish."""
    reports: bool = False
    """makereport and logreport, also of phases that pass."""
    logreport: Callable[[Any], Any] | None = None
    """The same, less pytest's terminal, of which nobody sees anything; None: unknown."""
    heard: bool = False
    """Somebody beyond pytest hears of reports."""
    inside: Mapping[str, Phase] = MappingProxyType({})
    """By phase: calls the implementations that run inside of pytest's wrappers, and the runner's."""
    around: frozenset[str] = frozenset()
    """Phases that are dispatched whole."""
    markers: frozenset[str] = frozenset()
    """Of xfail and filterwarnings: they count in each phase."""
    afterwards: tuple[Callable[[], bool], ...] = ()
    """Predicates: whether the report of a phase that has passed is to be made after all."""


class Listeners:
    """Who listens at one path. ``relay``: the ``ihook`` of an item there."""

    def __init__(self, relay: Any, config: pytest.Config, distributions: hooks.Distributions) -> None:
        self._relay = relay
        self._distributions = distributions
        self._config = config
        self._heard: set[str] = set()
        self._if: dict[known_plugins.Predicate, set[Key]] = {}
        self._afterwards: tuple[Callable[[], bool], ...] = ()
        terminal = config.pluginmanager.getplugin("terminalreporter")
        known_terminal = type(terminal).__module__ == "_pytest.terminal"
        self._logreport = _without(terminal, relay.pytest_runtest_logreport) if known_terminal else None
        self._plans: dict[tuple[frozenset[Key], frozenset[str]], Plan] = {}
        for name in _BYPASSED:
            for implementation in hooks.foreign(getattr(config.hook if name in _OF_ALL else relay, name)):
                distribution, _ = distributions.of(implementation.plugin)
                key = (distribution, name)
                if key in known_plugins.HARMLESS:
                    self._if.setdefault(known_plugins.HARMLESS[key], set()).add(key)
                elif key in known_plugins.AFTERWARDS:
                    self._afterwards += (known_plugins.AFTERWARDS[key],)
                else:
                    self._heard.add(name)

    def plan(self, item: pytest.Item) -> Plan:
        """For this item."""
        at_work = _NO_KEYS.union(*(keys for applies, keys in self._if.items() if applies(item)))
        marked = _NOTHING.union(*(_MARKED.get(mark.name, _NOTHING) for mark in item.iter_markers()))
        found = self._plans.get((at_work, marked))
        if found is None:
            found = self._plans[at_work, marked] = self._make(at_work, marked)
        return found

    def _make(self, at_work: frozenset[Key], marked: frozenset[str]) -> Plan:
        others = self._heard.union(name for _, name in at_work)
        heard = others | marked
        if "pytest_runtest_protocol" in heard:
            return Plan(self._named("pytest_runtest_protocol"))
        inside, around = {}, set()
        for when, name in _PHASES.items():
            if name in heard:
                caller = getattr(self._relay, name)
                if any(self._wraps(each, name, at_work) for each in hooks.foreign(caller)):
                    around.add(when)
                else:
                    inside[when] = _inner(caller, name, when == "teardown")
        return Plan(
            logs=bool(heard & _LOGS),
            reports=bool(heard & _REPORTS),
            logreport=self._logreport,
            heard=bool(others & _REPORTS or self._afterwards),
            inside=inside,
            around=frozenset(around),
            markers=marked & {"xfail", "filterwarnings"},
            afterwards=self._afterwards,
        )

    def _wraps(self, implementation: pluggy.HookImpl, name: str, at_work: frozenset[Key]) -> bool:
        """Whether somebody beyond pytest lies around what others do there."""
        if not _is_wrapper(implementation):
            return False
        key = (self._distributions.of(implementation.plugin)[0], name)
        return key in at_work or key not in known_plugins.HARMLESS

    def _named(self, hook: str) -> str:
        """Who listens to it, for the user."""
        facts = hooks.facts_of(hook, getattr(self._config.hook, hook), self._distributions)
        unknown = [each for each in facts if (each["distribution"], hook) not in known_plugins.HARMLESS]
        return "; ".join(dict.fromkeys(hooks.named(each, self._config) for each in unknown or facts))


def _is_wrapper(implementation: pluggy.HookImpl) -> bool:
    return bool(implementation.hookwrapper or getattr(implementation, "wrapper", False))


def _without(plugin: Any, caller: Any) -> Callable[[Any], Any]:
    """Calls a hook that takes a report, of all but ``plugin``."""
    others = [each for each in caller.get_hookimpls() if each.plugin is not plugin]
    return lambda report: caller._hookexec(caller.name, others, {"report": report}, False)


def _inner(caller: Any, name: str, has_next: bool) -> Phase:
    """Calls what is no wrapper, as the hook would."""
    within = [each for each in caller.get_hookimpls() if not _is_wrapper(each) and not _is_stood_in_for(each)]
    arguments = ("item", "nextitem")[: 1 + has_next]

    @unseen
    def dispatch(*given: Any) -> None:
        __tracebackhide__ = True
        caller._hookexec(name, within, dict(zip(arguments, given)), False)

    return dispatch


def _is_stood_in_for(implementation: pluggy.HookImpl) -> bool:
    return str(getattr(implementation.function, "__module__", "")) in _STOOD_IN_FOR
