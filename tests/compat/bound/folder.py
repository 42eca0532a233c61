"""Writes the suite of one case, for one of the places where the import can be."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from bound.case import Case

OWNER = '''
"""Names that one process only may have."""

import os
from pathlib import Path

CLAIMS = Path(__file__).with_name("claims")


def own(name):
    """Fails if another process has said so before."""
    CLAIMS.mkdir(exist_ok=True)
    mine = CLAIMS / f".{os.getpid()}"
    mine.write_text(str(os.getpid()))
    try:
        os.link(mine, CLAIMS / str(name).replace("/", "_"))
    except FileExistsError:
        pass
    owner = (CLAIMS / str(name).replace("/", "_")).read_text()
    assert owner == str(os.getpid()), f"{name} is {owner}'s, this is {os.getpid()}"


def fresh(name):
    """Fails if anybody has said so before."""
    CLAIMS.mkdir(exist_ok=True)
    os.close(os.open(CLAIMS / str(name), os.O_CREAT | os.O_EXCL))


def soon(condition, seconds=5):
    import time

    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()
'''

TESTS = """
import time

import pytest
@import@


@pytest.fixture
def worker():
    import os

    return os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.mark.parametrize("n", range(6))
def test_bound(n, worker):
    time.sleep(0.01)
    check(n, worker)
"""

FILES = ("test_a.py", "test_b.py", "test_c.py")


def files_of(case: Case, place: str) -> dict[str, str]:
    """File name to text."""
    files = {"pytest.ini": "[pytest]\n", "owner.py": OWNER}
    text = dedent(case.text)
    if place in ("module", "modules"):
        source = TESTS.replace("@import@", "import owner\n") + text
        names = FILES[:1] if place == "module" else FILES
        return {**files, **dict.fromkeys(names, source)}
    home = "conftest" if place == "conftest" else "bound_plugin"
    files[f"{home}.py"] = "import owner\n" + text
    if place == "plugins":
        files["conftest.py"] = 'pytest_plugins = ["bound_plugin"]\n'
    return {**files, **dict.fromkeys(FILES, TESTS.replace("@import@", f"from {home} import check"))}


def options_of(place: str) -> list[str]:
    return ["-p", "bound_plugin"] if place == "option" else []


def write_suite(folder: Path, case: Case, place: str) -> None:
    folder.mkdir(parents=True)
    for name, text in files_of(case, place).items():
        (folder / name).write_text(text.lstrip("\n"))
