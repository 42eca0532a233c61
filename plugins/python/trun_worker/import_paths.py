"""What importing the files of other workers would have put on ``sys.path``, in pytest's order.

With the import modes prepend and append pytest leaves the folder of each test file there, and tests come to rely on it: when
they run they import what lies beside quite another file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _pytest.config import Config


class OthersPaths:
    """One per sharded worker. ``files`` are all test files of the run in the order of the walk, ``own`` those of this worker."""

    def __init__(self, config: Config, files: list[str], own: set[str]) -> None:
        self._mode = config.getoption("importmode", "prepend")
        self._namespaces = _considers_namespaces(config)
        self._files = files if self._mode in ("prepend", "append") else []
        self._own = own
        self._places: dict[str, int] = {}
        for place, path in enumerate(self._files):
            while path not in self._places:
                self._places[path] = place
                path = os.path.dirname(path)
        self._done = 0
        self._roots: dict[str, str] = {}

    def before(self, path: str) -> None:
        """A file or directory is about to be collected: first comes what was collected before it."""
        self._insert_until(self._places.get(path, 0))

    def all(self) -> None:
        """The collection is over."""
        self._insert_until(len(self._files))

    def _insert_until(self, end: int) -> None:
        for path in self._files[self._done : end]:
            if path not in self._own and path.endswith(".py"):
                self._insert(self._root(path))
        self._done = max(self._done, end)

    def _insert(self, root: str) -> None:
        # As _pytest.pathlib.import_path does.
        if self._mode == "append":
            if root not in sys.path:
                sys.path.append(root)
        elif not sys.path or root != sys.path[0]:
            sys.path.insert(0, root)

    def _root(self, path: str) -> str:
        key = path if self._namespaces else os.path.dirname(path)
        root = self._roots.get(key)
        if root is None:
            root = self._roots[key] = _package_root(Path(path), self._namespaces)
        return root


def _considers_namespaces(config: Config) -> bool:
    try:
        return bool(config.getini("consider_namespace_packages"))
    except (ValueError, KeyError):
        return False


def _package_root(path: Path, namespaces: bool) -> str:
    from _pytest import pathlib

    if namespaces:
        parts: Any = pathlib
        try:
            return str(parts.resolve_pkg_root_and_module_name(path, consider_namespace_packages=True)[0])
        except parts.CouldNotResolvePathError:
            return str(path.parent)
    package = pathlib.resolve_package_path(path)
    return str(path.parent if package is None else package.parent)
