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
            return "only once"
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
    import app, os, signal, time

    def test_covers_alone():
        assert app.kind(1001) == "only once"

    def test_dies():
        time.sleep(0.1)
        if "KILL" in os.environ:
            os.kill(os.getpid(), signal.SIGKILL)
"""
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
COVER = ("-p", "pytest_cov", "--cov=app", "--cov-report=term-missing")


def covered(made):
    """What the data file says of the application, and that it is the only one: arcs, or lines."""
    (data,) = made.root.glob(".coverage*")
    with contextlib.closing(sqlite3.connect(data)) as database:
        arcs = database.execute("SELECT path, fromno, tono FROM arc JOIN file ON file.id = file_id").fetchall()
        lines = database.execute("SELECT path, numbits FROM line_bits JOIN file ON file.id = file_id").fetchall()
    data.unlink()
    found = {(Path(path).name, start, end) for path, start, end in arcs}
    for path, bits in lines:
        found |= {(Path(path).name, number) for number in range(8 * len(bits)) if bits[number // 8] >> number % 8 & 1}
    return found


@pytest.mark.parametrize(
    "start, collect, how",
    [
        ("fork", "each", ["--cov-branch"]),
        ("fork", "sharded", []),
        ("fork", "sharded", ["--cov-branch", "--cov-context=test"]),
        ("fresh", "sharded", ["--cov-branch"]),
        ("fresh", "each", []),
        ("fork", "once", []),
    ],
)
def test_totals_are_as_in_one_process_though_a_worker_is_killed(suite, start, collect, how):
    files = {f"test_{n}.py": TESTS.replace("FIRST", str(n)) for n in range(6)}
    made = suite({"app.py": APPLICATION, "test_dies.py": DIES, **files})
    made.pytest(*COVER, *how, python=str(PLUGINS), env=ALONE)
    expected = covered(made)
    assert expected
    for _ in range(3):
        run = made.trun(
            *COVER,
            *how,
            "-n2",
            f"--start={start}",
            f"--collect={collect}",
            python=str(PLUGINS),
            env=made.environment({**ALONE, "KILL": "1"}),
        )
        assert run.code == 1, run.said
        assert "INTERNALERROR" not in run.said
        assert len(run.verdicts()) == 38
        assert covered(made) == expected
