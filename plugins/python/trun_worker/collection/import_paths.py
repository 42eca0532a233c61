"""What importing the files of other workers would have put on ``sys.path``, in pytest's order.

With the import modes prepend and append pytest leaves the folder of each test file there, and tests come to rely on it: when
they run they import what lies beside quite another file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from _pytest import pathlib

if TYPE_CHECKING:
    from _pytest.config import Config


class OthersPaths:
    """One per sharded worker."""

    def __init__(self, config: Config) -> None:
        self._mode = config.getoption("importmode", "prepend")
        self._namespaces = _considers_namespaces(config)
        self._roots: dict[str, str] = {}

    def insert(self, path: str) -> None:
        """As if the test file were imported."""
        if self._mode in ("prepend", "append"):
            self._insert(self.root(path))

    def _insert(self, root: str) -> None:
        # As _pytest.pathlib.import_path does.
        if self._mode == "append":
            if root not in sys.path:
                sys.path.append(root)
        elif not sys.path or root != sys.path[0]:
            sys.path.insert(0, root)

    def root(self, path: str) -> str:
        """The folder from which the file is imported."""
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
    if namespaces:
        parts: Any = pathlib
        try:
            return str(parts.resolve_pkg_root_and_module_name(path, consider_namespace_packages=True)[0])
        except parts.CouldNotResolvePathError:
            return str(path.parent)
    package = pathlib.resolve_package_path(path)
    return str(path.parent if package is None else package.parent)
