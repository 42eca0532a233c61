"""Where one variant runs: a fresh copy of its suite and an empty temporary folder before each run, always at the same paths.

So two runs differ in nothing that they can see, and no path needs normalising but those that pytest itself numbers.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from compare.suites import Suite, Variant

#: Named as installed packages are, so that nobody takes the recorder for code of the suite (hypothesis: constants in examples).
PLUGIN_FOLDER = Path(__file__).resolve().parent.parent / "plugin" / "site-packages"
LEFT_OUT = shutil.ignore_patterns("suite.json", "__pycache__", ".pytest_cache", ".hypothesis", "*.pyc")


class Workplace:
    def __init__(self, base: Path, suite: Suite, variant: Variant) -> None:
        self._suite = suite
        self._variant = variant
        self._base = base
        self.root = base / suite.folder.name
        self.temporary = base / "tmp"
        self.logs = base / "logs"

    @property
    def cwd(self) -> Path:
        return self.root / self._variant.cwd

    def renew(self) -> None:
        for folder in (self.root, self.temporary):
            if folder.exists():
                _remove(folder)
        shutil.copytree(self._suite.folder, self.root, symlinks=True, ignore=LEFT_OUT)
        self.temporary.mkdir()
        self.logs.mkdir(exist_ok=True)

    def remove(self) -> None:
        _remove(self._base)

    def environment(self) -> dict[str, str]:
        """The same for all sides, made from nothing: what the caller has set (CI, PYTEST_ADDOPTS, NO_COLOR) changes no text."""
        env = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
        env.update(
            LANG="C.UTF-8",
            LC_ALL="C.UTF-8",
            USER="compat",
            LOGNAME="compat",
            HOME=str(self.temporary),
            TMPDIR=str(self.temporary),
            COLUMNS="100",
            PYTHONHASHSEED="0",
            PYTHONPATH=str(PLUGIN_FOLDER),
        )
        env.update(self._variant.env)
        if "PYTHONPATH" in self._variant.env:
            env["PYTHONPATH"] = os.pathsep.join([str(PLUGIN_FOLDER), self._variant.env["PYTHONPATH"]])
        return env


def _remove(folder: Path) -> None:
    """Also what a test made unreadable."""

    def unlock(_function: object, path: str, _error: object) -> None:
        os.chmod(Path(path).parent, 0o700)
        target = Path(path)
        if target.is_dir() and not target.is_symlink():
            target.chmod(0o700)
            shutil.rmtree(target, ignore_errors=True)
        elif target.exists() or target.is_symlink():
            target.unlink()

    shutil.rmtree(folder, onerror=unlock)
