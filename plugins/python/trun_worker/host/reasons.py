"""Why a run needs a plugin host: who would do something only in xdist's controller. Sentences for the user.

Looked at are the hooks of initial conftests and plugins, their classes (many register one in ``pytest_configure``), and the text
of the project's modules that were imported with them. Which installed plugins have nothing to do there, by their options, is in
``known_plugins.CONTROLLER``.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

from trun_worker.plugins import engine_options, hooks, known_plugins

if TYPE_CHECKING:
    from _pytest.config import Config

#: Hooks that only xdist's controller calls.
_CONTROLLER_HOOKS = (
    "pytest_configure_node",
    "pytest_testnodeready",
    "pytest_testnodedown",
    "pytest_handlecrashitem",
    "pytest_xdist_setupnodes",
    "pytest_xdist_newgateway",
    "pytest_xdist_node_collection_finished",
    "pytest_xdist_make_scheduler",
)
#: Hooks after which, in the controller, all that the run has come to is there.
_SUMMING_HOOKS = (
    "pytest_terminal_summary",
    "pytest_sessionfinish",
    "pytest_unconfigure",
    "pytest_runtest_logreport",
    "pytest_warning_recorded",
)
_HOOKS = _CONTROLLER_HOOKS + _SUMMING_HOOKS
#: Who may say where the JUnit report is to be.
_REPORT = b"xmlpath"
#: Who asks which role it is in, or that.
_WORDS = (b"workerinput", b"is_xdist_", b"get_xdist_worker_id", b"PYTEST_XDIST_", b"workeroutput", _REPORT)
#: ``config.option.verbose += 1``, ``setattr(config.option, "verbose", 1)``; no comment, nor what only reads them.
_SETS_OPTION = re.compile(
    rb"^[^#\n]*?(?:(?:\bconfig\s*\.\s*|(?<![\w.]))option\s*\.\s*(%(names)s)\s*[+-]?=(?![=}])"
    rb"|\bsetattr\s*\(\s*[\w.]*\boption\s*,\s*[\"'](%(names)s)[\"']\s*,)"
    % {b"names": "|".join(engine_options.SETTABLE).encode()},
    re.MULTILINE,
)
_TERMINAL_REPORTER = b"TerminalReporter"
#: Who derives from pytest's terminal reporter or patches it; not who names it as the type of an argument.
_TERMINAL = re.compile(rb"[(,]\s*(?:\w+\.)*TerminalReporter\b|\bTerminalReporter\s*\.\s*\w")
#: How a project asks for the name of its worker.
_NAMES_OF_WORKERS = (b"worker_id", b"workerinput", b"PYTEST_XDIST_WORKER")
#: What configuring leaves in the environment, xdist's workers inherit.
_STARTING_HOOKS = ("pytest_configure", "pytest_sessionstart")
_ENVIRONMENT = (b"environ", b"putenv")


#: Of the project's modules that initial conftests have brought in, their own too: path from the root directory, and text.
Texts = list[tuple[str, bytes]]


def wanted(config: Config, distributions: hooks.Distributions, texts: Texts) -> list[str]:
    """The reasons; none: nobody needs a host. ``texts``: those of the project."""
    return list(dict.fromkeys([*by_hooks(config, distributions), *_words_of(texts), *changes_terminal(texts)]))


def by_hooks(config: Config, distributions: hooks.Distributions) -> list[str]:
    """The reasons that lie in hooks: who has them sums up, or speaks on pytest's terminal."""
    found: list[str] = []
    for name, plugin in config.pluginmanager.list_name_plugin():
        if plugin is None or _is_pytests_or_trun(plugin):
            continue
        distribution, version = distributions.of(plugin)
        if distribution in known_plugins.CONTROLLER:
            if known_plugins.CONTROLLER[distribution](config):
                found.append(f"{distribution} {version} is at work")
            continue
        hook = _first_hook(plugin)
        if hook is not None:
            owner = f"{distribution} {version}" if distribution else _relative(plugin, str(name), config)
            found.append(f"{owner} implements {hook}")
    return found


def _is_pytests_or_trun(plugin: object) -> bool:
    return hooks.module_name(plugin).partition(".")[0] in ("_pytest", "pytest", "trun_worker")


def _first_hook(plugin: object) -> str | None:
    """The first of the hooks that a plugin implements, or a class of its module."""
    owners = [plugin, *(_classes(plugin) if isinstance(plugin, ModuleType) else ())]
    for hook in _HOOKS:
        if any(callable(getattr(owner, hook, None)) for owner in owners):
            return hook
    return None


def _classes(module: ModuleType) -> list[type]:
    """Also those that came by ``import *``; not pytest's own, such as its terminal reporter."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and not value.__module__.startswith(("_pytest.", "pytest.", "xdist."))
    ]


def _words_of(texts: Texts) -> Iterator[str]:
    for path, text in texts:
        for word in _WORDS:
            if word in text:
                yield f"{path} mentions {word.decode().rstrip('_')}"
                break
        if any(f"def {hook}".encode() in text for hook in _STARTING_HOOKS) and any(at in text for at in _ENVIRONMENT):
            yield f"{path} configures and has to do with the environment"
        option = _SETS_OPTION.search(text) if b"option" in text else None
        if option is not None:
            yield f"{path} sets the option {(option[1] or option[2]).decode()}"


def names_junit(texts: Texts) -> list[str]:
    """Files of the project whose hooks may say where the JUnit report is to be, a sentence each."""
    return [f"{path} mentions {_REPORT.decode()}" for path, text in texts if _REPORT in text]


def changes_terminal(texts: Texts) -> list[str]:
    """Files of the project that may derive from pytest's terminal reporter or patch it, a sentence each."""
    word = _TERMINAL_REPORTER.decode()
    # The word first: most texts end there, and that takes a hundredth of the time.
    return [
        f"{path} has to do with {word}" for path, text in texts if _TERMINAL_REPORTER in text and _TERMINAL.search(text)
    ]


def names_workers(texts: Texts) -> bool:
    """Whether the project may name something (a database, a folder) after the worker that it is in."""
    return any(word in text for _, text in texts for word in _NAMES_OF_WORKERS)


def texts_of_project(config: Config) -> Texts:
    """Less what cannot be read."""
    found = []
    for path in _project_files(config):
        with suppress(OSError), open(path, "rb") as file:
            found.append((_relative_path(path, config), file.read()))
    return found


def _project_files(config: Config) -> list[str]:
    """Of all modules that are imported by now and lie below the root directory, but not in an environment there."""
    root = str(config.rootpath) + os.sep
    elsewhere = (os.path.join(sys.prefix, ""), os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep)
    found = []
    for module in list(sys.modules.values()):
        path: Any = getattr(module, "__file__", None)
        if not isinstance(path, str) or not path.startswith(root) or not path.endswith(".py"):
            continue
        if not path.startswith(elsewhere) and f"{os.sep}site-packages{os.sep}" not in path:
            found.append(path)
    return found


def _relative(plugin: object, name: str, config: Config) -> str:
    path: Any = getattr(plugin, "__file__", None)
    return _relative_path(path, config) if isinstance(path, str) else name


def _relative_path(path: str, config: Config) -> str:
    relative = os.path.relpath(path, config.rootpath)
    return path if relative.startswith("..") else relative
