"""Why a run needs a plugin host: who would do something only in xdist's controller. Sentences for the user.

Looked at are the hooks of initial conftests and plugins, their classes (many register one in ``pytest_configure``), and the text
of these, and of the project's modules that were imported with them. Which installed plugins have nothing to do there, by their
options, is in ``known_plugins.CONTROLLER``. No code of the user's runs for it: nothing is configured yet, and who is asked for an
attribute may answer that.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from trun_worker.observe import origins
from trun_worker.plugins import engine_options, hooks, known_plugins
from trun_worker.system import kinds

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
_WORDS = (
    b"workerinput",
    b"is_xdist_",
    b"get_xdist_worker_id",
    b"PYTEST_XDIST_",
    b"workeroutput",
    b"numprocesses",
    b"dsession",
    _REPORT,
)
#: ``config.option.dist``, ``config.getoption("dist")``: in xdist's workers that is "no".
_ASKS_DIST = re.compile(rb"\boption\.dist\b|\bget(?:option|value)\(\s*[\"'](?:--)?dist[\"']")
#: What is registered by its name: ``config.pluginmanager.register(checks.Budget(config), "budget")``, or imported as a plugin.
_REGISTERS = re.compile(rb"pluginmanager\.(?:register\(\s*(?:\w+\.)*(\w+)|(import_plugin)\()")
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
_STARTING_HOOKS = ("pytest_cmdline_main", "pytest_configure", "pytest_sessionstart")
_ENVIRONMENT = (b"environ", b"putenv")
#: In a module that configures through another.
_CHANGES_ENVIRONMENT = re.compile(
    rb"\benviron\b(?:\[[^\]\n]{1,100}\]\s*=[^=]|\.(?:setdefault|update|pop)\b)|\bputenv\b|\bload_dotenv\b"
)


#: Of the project's modules that initial conftests have brought in, their own too: path from the root directory, and text.
Texts = list[tuple[str, bytes]]


def wanted(config: Config, distributions: hooks.Distributions, texts: Texts, of_plugins: Texts) -> list[str]:
    """The reasons; none: nobody needs a host. ``texts``: those of the project. ``of_plugins``: those of installed plugins."""
    found = [
        *by_hooks(config, distributions),
        *_words_of(texts, str(config.rootpath)),
        *_guards_of(of_plugins),
        *registered_late([*texts, *of_plugins]),
        *changes_terminal([*texts, *of_plugins]),
    ]
    return list(dict.fromkeys(found))


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
    return hooks.module_name(plugin).partition(".")[0] in ("_pytest", "pytest", "trun_worker", "xdist")


def _first_hook(plugin: object) -> str | None:
    """The first of the hooks that a plugin implements, or a class of its module."""
    names = _names_of(plugin)
    for kind in _classes(plugin) if isinstance(plugin, ModuleType) else ():
        names.update(_names_of(kind))
    return next((hook for hook in _HOOKS if names.get(hook) is not None), None)


def _names_of(plugin: object) -> dict[str, Any]:
    """Without asking it, or its class: what stands in them."""
    names: dict[str, Any] = {}
    for base in reversed(kinds.bases_of(plugin if issubclass(type(plugin), type) else type(plugin))):  # type: ignore[arg-type]
        names.update(kinds.own_names(base))
    with suppress(AttributeError):  # it has slots
        names.update(object.__getattribute__(plugin, "__dict__"))
    return names


def _classes(module: ModuleType) -> list[type]:
    """Also those that came by ``import *``; not pytest's own, such as its terminal reporter."""
    return [
        value
        for value in vars(module).values()
        if issubclass(type(value), type) and not kinds.module_of(value).startswith(("_pytest.", "pytest.", "xdist."))
    ]


def registered_late(texts: Texts) -> list[str]:
    """The reasons that lie in what is registered when pytest configures, or later: hooks that only the text tells of."""
    found = []
    for path, text in texts:
        hook = next((hook for hook in _HOOKS if f"def {hook}(".encode() in text), None)
        if hook is not None:
            found.append(f"{path} implements {hook}")
        for registered in _REGISTERS.finditer(text):
            name = registered[1] or registered[2]
            # The hooks of a class that stands in one of the texts were looked for.
            if not any(re.search(rb"^[ \t]*class %s\b" % re.escape(name), other, re.MULTILINE) for _, other in texts):
                found.append(f"{path} registers {name.decode()}")
    return found


def texts_of_plugins(config: Config, distributions: hooks.Distributions) -> Texts:
    """Of the modules that hooks of installed plugins stand in of which nothing is known."""
    found = {}
    for _, plugin in config.pluginmanager.list_name_plugin():
        if not isinstance(plugin, ModuleType) or _is_pytests_or_trun(plugin):
            continue
        distribution, version = distributions.of(plugin)
        if distribution and distribution not in known_plugins.CONTROLLER:
            for name, value in vars(plugin).items():
                if name.startswith("pytest_") and type(value) is FunctionType:
                    found[value.__code__.co_filename] = f"{distribution} {version}"
    return list(_texts(found.items()))


def _texts(files: Iterable[tuple[str, str]]) -> Iterator[tuple[str, bytes]]:
    """``files``: path, and what it is to be called. Less what cannot be read."""
    for path, name in files:
        with suppress(OSError), open(path, "rb") as file:
            yield name, file.read()


def _guards_of(texts: Texts) -> Iterator[str]:
    """Of those, which asks in which role it is."""
    for path, text in texts:
        word = next((word for word in _WORDS if word in text), None)
        if word is not None:
            yield f"{path} mentions {word.decode().rstrip('_')}"
        elif b"dist" in text and _ASKS_DIST.search(text):
            yield f"{path} asks for the option dist"


def _words_of(texts: Texts, root: str) -> Iterator[str]:
    yield from _guards_of(texts)
    configures = any(_configures(text) for _, text in texts)
    for path, text in texts:
        if _configures(text) and any(at in text for at in _ENVIRONMENT):
            yield f"{path} configures and has to do with the environment"
        elif configures and _CHANGES_ENVIRONMENT.search(text):
            yield f"{path} changes the environment"
        elif _configures(text) and _imports_late(os.path.join(root, path), text, root):
            yield f"{path} configures by what it imports then"
        option = _SETS_OPTION.search(text) if b"option" in text else None
        if option is not None:
            yield f"{path} sets the option {(option[1] or option[2]).decode()}"


def _configures(text: bytes) -> bool:
    return any(f"def {hook}".encode() in text for hook in _STARTING_HOOKS)


def _imports_late(path: str, text: bytes, root: str) -> bool:
    """Whether one of these hooks imports a module of the project: nobody knows yet what that has to do with the environment."""
    folders = {root, os.path.dirname(path)}
    hook = -1  # how far the definition is indented; -1: outside
    for line in text.splitlines():
        code = line.lstrip()
        if not code or code.startswith((b")", b"]", b"}", b"#")):
            continue
        if any(code.startswith(f"def {name}(".encode()) for name in _STARTING_HOOKS):
            hook = len(line) - len(code)
        elif len(line) - len(code) <= hook:
            hook = -1
        words = code.replace(b".", b" . ").split()
        if hook >= 0 and len(words) > 1 and words[0] in (b"import", b"from"):
            places = [os.path.join(folder, os.fsdecode(words[1])) for folder in folders]
            files = [file for place in places for file in (f"{place}.py", os.path.join(place, "__init__.py"))]
            if words[1] == b"." or any(map(os.path.exists, files)):
                return True
    return False


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
    return list(_texts((path, _relative_path(path, config)) for path in _project_files()))


def _project_files() -> list[str]:
    """Of all modules that are imported by now and came neither with the interpreter nor with an installed distribution.
    A conftest or plugin of the user's may lie outside of the root directory."""
    found = []
    for module in list(sys.modules.values()):
        # Not asked for: a lazy module would import itself.
        with suppress(AttributeError):
            path: Any = object.__getattribute__(module, "__dict__").get("__file__")
            if isinstance(path, str) and path.endswith(".py") and not origins.is_library(path):
                found.append(path)
    return found


def _relative(plugin: object, name: str, config: Config) -> str:
    path = _names_of(plugin).get("__file__")
    return _relative_path(path, config) if isinstance(path, str) else name


def _relative_path(path: str, config: Config) -> str:
    relative = os.path.relpath(path, config.rootpath)
    return path if relative.startswith("..") else relative
