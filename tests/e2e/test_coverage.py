"""pytest-cov under workers that die: what they had covered by then counts, and no worker takes anything from another."""

import contextlib
import sqlite3
from pathlib import Path

import pytest

import harness

PLUGINS = Path(harness.TRUN).parent / "venv-plugins" / "bin" / "python"
pytestmark = pytest.mark.skipif(not PLUGINS.exists(), reason="./dev compat-plugins makes the environment")

APPLICATION = """
    def kind(number):
        if number % 3 == 0:
            return "fizz"
        if number % 5 == 0:
            return "buzz"
        if number > 1000:
            return "never"
        return number
"""
TESTS = """
    import app, pytest, time

    @pytest.mark.parametrize("number", range(FIRST, FIRST + 6))
    def test_kind(number):
        time.sleep(0.02)
        app.kind(number)
"""
DIES = """
    import os, signal, time

    def test_dies():
        time.sleep(0.1)
        if "KILL" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
"""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
COVER = ("-p", "pytest_cov", "--cov=app", "--cov-branch", "--cov-report=term-missing")


def arcs(made):
    """What the data file says of the application, and that it is the only one."""
    (data,) = made.root.glob(".coverage*")
    with contextlib.closing(sqlite3.connect(data)) as database:
        found = database.execute("SELECT path, fromno, tono FROM arc JOIN file ON file.id = file_id").fetchall()
    data.unlink()
    return {(Path(path).name, start, end) for path, start, end in found}


@pytest.mark.parametrize("start", ["fork", "fresh"])
@pytest.mark.parametrize("collect", ["each", "sharded"])
def test_totals_are_as_in_one_process_though_a_worker_is_killed(suite, start, collect):
    files = {f"test_{n}.py": TESTS.replace("FIRST", str(n)) for n in range(6)}
    made = suite({"app.py": APPLICATION, "test_dies.py": DIES, **files})
    made.pytest(*COVER, python=str(PLUGINS), env=ALONE)
    expected = arcs(made)
    for _ in range(3):
        run = made.trun(
            *COVER,
            "-n2",
            f"--start={start}",
            f"--collect={collect}",
            python=str(PLUGINS),
            env=made.environment({**ALONE, "KILL": "1"}),
        )
        assert run.code == 1, run.said
        assert "INTERNALERROR" not in run.said
        assert len(run.verdicts()) == 37
        assert arcs(made) == expected
