"""What the interpreter that runs the suites has: its version, pytest's, and whether modules can be found."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Optional

from compare.suites import Suite

PROBE = """
import importlib.util, json, sys
def there(name):
    return importlib.util.find_spec(name) is not None
import pytest
print(json.dumps([list(sys.version_info[:3]), pytest.__version__, [n for n in sys.argv[1:] if not there(n)]]))
"""


@dataclass(frozen=True)
class Probed:
    python: tuple[int, ...]
    pytest: tuple[int, ...]
    missing: tuple[str, ...]


@cache
def probe(python: Path, modules: tuple[str, ...]) -> Probed:
    """Raises CalledProcessError where the interpreter does not start or has no pytest."""
    command = [str(python), "-c", PROBE, *modules]
    version, pytest_version, missing = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout
    )
    return Probed(tuple(version), version_of(pytest_version), tuple(missing))


def version_of(text: str) -> tuple[int, ...]:
    """ "9.2.0rc1" -> (9, 2)."""
    return tuple(int(part) for part in text.split(".")[:2])


def why_not(suite: Suite, python: Path) -> Optional[str]:
    """Why this interpreter cannot run the suite; None if it can."""
    found = probe(python, suite.requires)
    if found.pytest < version_of(suite.min_pytest):
        return f"needs pytest {suite.min_pytest}"
    if found.python < version_of(suite.min_python):
        return f"needs Python {suite.min_python}"
    return f"needs {', '.join(found.missing)}" if found.missing else None
