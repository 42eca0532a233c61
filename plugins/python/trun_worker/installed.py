"""How the modules of this package are loaded: as if they were installed.

Tools that tell a user's code from what is installed (coverage, hypothesis, filters of warnings and of stacks) go by where a
file lies. This package lies beside the ``trun`` binary, which nobody counts as installed: so its modules name the place where
they would be, had they been installed for this interpreter. Their source is shown from where it is, as for any module with a
loader. ``boot.py`` loads this one by hand, ahead of all others.
"""

from __future__ import annotations

import _imp
import os
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from types import CodeType, ModuleType

_PACKAGE = "trun_worker"
#: CPython's own, of each version so far. Where it is missing, modules name the place where they are.
_rename = getattr(_imp, "_fix_co_filename", None)


class AsInstalled(SourceFileLoader):
    """Loads a file of this package under the name that it would have if it were installed."""

    def __init__(self, fullname: str, path: str, told: str) -> None:
        super().__init__(fullname, path)
        self._told = told

    def get_code(self, fullname: str) -> CodeType | None:
        code = super().get_code(fullname)
        if code is not None and _rename is not None:
            # As importlib does with the bytecode of a file that has moved: in place, functions and classes included.
            _rename(code, self._told)
        return code


class Finder:
    """The last of ``sys.meta_path``: nobody else finds this package's modules, since ``__path__`` is empty in all packages."""

    def __init__(self, folder: str, told: str) -> None:
        self._folder, self._told = folder, told

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package, *names = fullname.split(".")
        if package != _PACKAGE:
            return None
        for is_package, last in ((False, ".py"), (True, os.sep + "__init__.py")):
            file = os.sep.join(names) + last if names else "__init__.py"
            if os.path.isfile(os.path.join(self._folder, file)):
                return self._spec(fullname, file, is_package or not names)
        return None

    def _spec(self, fullname: str, file: str, is_package: bool) -> ModuleSpec:
        told = os.path.join(self._told, file)
        loader = AsInstalled(fullname, os.path.join(self._folder, file), told)
        spec = ModuleSpec(fullname, loader, origin=told, is_package=is_package)
        spec.has_location = True
        return spec
