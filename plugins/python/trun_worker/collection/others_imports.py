"""What importing the files of other workers would have left behind in this process, in pytest's order.

Under pytest every file is imported before any test runs, and tests come to rely on it: registries that another file fills,
submodules that another file imports. A file that does such things at import is imported here, too, without being collected; of
any other, only the imports are made. Which is which the engine knows from their text (collectors/module_effects.h); where that
depends on what was imported, a look at it tells (foreign_objects.py).
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import io
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _pytest import pathlib

from trun_worker.collection.foreign_objects import ForeignObjects
from trun_worker.collection.import_paths import OthersPaths

if TYPE_CHECKING:
    from _pytest.config import Config

    from trun_worker.collection.share import Share
    from trun_worker.wire.channel import Channel


class OthersImports:
    """One per sharded worker; ``share`` is what it collects."""

    def __init__(self, config: Config, channel: Channel, share: Share, broken: set[str]) -> None:
        self._config = config
        self._channel = channel
        self._mode = config.getoption("importmode", "prepend")
        self._paths = OthersPaths(config)
        self._own = share.own()
        skipped = self._own | broken
        self._wanted = {path: modules for path, modules in share.imports.items() if path not in skipped}
        self._assumes = share.assumes
        self._objects = ForeignObjects()
        self._files = share.files
        self._places: dict[str, int] = {}
        for place, path in enumerate(self._files):
            while path not in self._places:
                self._places[path] = place
                path = os.path.dirname(path)
        self._done = 0
        self._packages: set[str] = set()

    def before(self, path: str) -> None:
        """A file or directory is about to be collected: first comes what was collected before it."""
        self._until(self._places.get(path, 0))

    def all(self) -> None:
        """The collection is over."""
        self._until(len(self._files))

    def _until(self, end: int) -> None:
        for path in self._files[self._done : end]:
            if path in self._own or not path.endswith(".py"):
                continue
            self._paths.insert(path)
            if path in self._wanted or os.path.dirname(path) not in self._packages:
                self._import(path)
        self._done = max(self._done, end)

    def _import(self, path: str) -> None:
        package = self._package(path)
        modules = self._wanted.get(path, [])
        if not package and not modules and modules is not None and path not in self._assumes:
            return
        with _unheard(self._config):
            if modules is not None:
                self._import_modules(package, modules)
            if modules is None or not self._objects.hold(self._assumes.get(path, ()), package):
                # If that kills the process, it is the one.
                node = os.path.relpath(path, self._config.rootpath).replace(os.sep, "/")
                self._channel.send({"t": "collecting", "path": node, "file": path})
                _import_file(self._config, path, self._mode)

    def _import_modules(self, package: str, modules: list[list[Any]]) -> None:
        if package:
            importlib.import_module(package)
        for module, names, optional in modules:
            if module.startswith(".") and not package:
                return
            with contextlib.suppress(Exception) if optional else contextlib.nullcontext():
                _import_module(module, names, package)

    def _package(self, path: str) -> str:
        """That of the file, where it has an ``__init__.py`` that pytest imports with it; "" if it has none."""
        folder = os.path.dirname(path)
        self._packages.add(folder)
        if self._mode == "importlib" or not os.path.isfile(os.path.join(folder, "__init__.py")):
            return ""
        return os.path.relpath(folder, self._paths.root(path)).replace(os.sep, ".").strip(".")


@contextlib.contextmanager
def _unheard(config: Config) -> Iterator[None]:
    """What goes wrong, is printed or warned of, the file's owner tells."""
    manager: Any = config.pluginmanager.getplugin("capturemanager")
    captures = manager is not None and manager.is_globally_capturing()
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        if captures:
            manager.resume_global_capture()
            stack.callback(manager.read_global_capture)
            stack.callback(manager.suspend_global_capture)
        else:
            stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
            stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException:  # whatever a file raises while it is imported: an error of collecting it
            return


def _import_file(config: Config, path: str, mode: str) -> None:
    """As pytest's Module does."""
    import_path: Any = pathlib.import_path
    more: dict[str, Any] = {"root": config.rootpath}
    if "consider_namespace_packages" in inspect.signature(import_path).parameters:
        more["consider_namespace_packages"] = config.getini("consider_namespace_packages")
    import_path(Path(path), mode=mode, **more)


def _import_module(module: str, names: list[str], package: str) -> None:
    """``import module``, or ``from module import names``."""
    imported = importlib.import_module(module, package or None)
    for name in names:
        # A name that is no submodule was defined there: `from` would have found it.
        if not hasattr(imported, name) and hasattr(imported, "__path__"):
            with contextlib.suppress(ImportError):
                importlib.import_module(f"{imported.__name__}.{name}")
