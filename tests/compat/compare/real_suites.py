"""Suites of real projects, from their sdists on PyPI, each in a virtual environment of its own, kept in a cache.

real_suites.json pins everything: the sdist by its hash, what else is installed by version. The cache is $TRUN_COMPAT_CACHE or
~/.cache/trun-compat; a folder in it is whole when its file "complete" is there, and is made by one process at a time.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

from compare.suites import BadSuite, Suite, variant_from


@dataclass(frozen=True)
class RealSuite:
    name: str
    version: str
    sha256: str
    requirements: tuple[str, ...]
    args: tuple[str, ...]
    exit_code: int
    full_only: bool
    refuses: dict[str, str]
    limit: float

    @property
    def key(self) -> str:
        """Another pin or another interpreter is another folder in the cache."""
        pins = "\n".join([self.sha256, sys.version, *self.requirements])
        return f"{self.name}-{self.version}-{hashlib.sha256(pins.encode()).hexdigest()[:12]}"


def load_real_suites(path: Path) -> list[RealSuite]:
    return [_real_suite(entry) for entry in json.loads(path.read_text(encoding="utf-8"))]


def cache_folder() -> Path:
    named = os.environ.get("TRUN_COMPAT_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "trun-compat"


def prepare(real: RealSuite, python: Path, flaky: dict[str, frozenset[str]]) -> Suite:
    """Downloads, unpacks and installs what the cache lacks. Raises CalledProcessError or BadSuite."""
    folder = cache_folder() / real.key
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(folder.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            _make(real, python, folder)
    variant = {"name": "suite", "args": list(real.args), "exit": real.exit_code, "refuses": real.refuses}
    return Suite(
        name=real.name,
        folder=folder / "source",
        variants=(variant_from(folder, variant),),
        python=folder / "venv" / "bin" / "python",
        flaky=flaky.get(real.name, frozenset()),
        limit=real.limit,
    )


def _real_suite(entry: dict[str, object]) -> RealSuite:
    fields = dict(entry)
    for name in ("requirements", "args"):
        fields[name] = tuple(fields.get(name, ()))  # type: ignore[arg-type]
    fields.setdefault("full_only", False)
    fields.setdefault("refuses", {})
    fields.setdefault("limit", 300.0)
    fields["exit_code"] = fields.pop("exit", 0)
    fields.pop("about", None)
    return RealSuite(**fields)  # type: ignore[arg-type]


def _make(real: RealSuite, python: Path, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    _unpack(_download(real, python, folder), folder / "source")
    _run([str(python), "-m", "venv", str(folder / "venv")])
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", *real.requirements])
    _run([*pip, "--no-deps", str(folder / "source")])
    shutil.rmtree(folder / "source" / "build", ignore_errors=True)
    (folder / "complete").touch()


def _download(real: RealSuite, python: Path, into: Path) -> Path:
    pip = [str(python), "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run([*pip, "--no-binary", real.name, "--dest", str(into), f"{real.name}=={real.version}"])
    (archive,) = into.glob("*.tar.gz")
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != real.sha256:
        raise BadSuite(f"{archive.name}: its sha256 is {found}, real_suites.json says {real.sha256}")
    return archive


def _unpack(archive: Path, into: Path) -> None:
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(into, filter="data")
        else:
            tar.extractall(into)
    archive.unlink()
    (top,) = into.iterdir()
    for entry in list(top.iterdir()):
        shutil.move(str(entry), str(into / entry.name))
    top.rmdir()


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=sys.stderr)
