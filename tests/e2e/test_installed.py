"""An installed trun: finds its worker package beside itself, and the interpreter of the environment that it lies in."""

import subprocess
from pathlib import Path

import pytest

import harness

# Passes in the environment that it is told, and in no other.
TESTS = """
    import os
    import sys

    def test_where():
        assert sys.prefix == os.environ["WANTED"]
"""


def install(prefix):
    subprocess.run(["cmake", "--install", str(harness.REPOSITORY / "build"), "--prefix", prefix], check=True)


def run_by(ours, program, wanted, **environment):
    """By path, without activation; no option names an interpreter."""
    process = subprocess.run(
        [str(program), "-q"], cwd=ours.root, env=ours.environment({"WANTED": str(wanted), **environment}),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.LIMIT, check=False,
    )  # fmt: skip
    ours.assert_no_survivor()
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture
def environment(plain_python):
    prefix = Path(plain_python).parent.parent
    install(prefix)
    return prefix


def test_an_environment_with_pytest_is_the_one_of_its_trun(suite, environment, tmp_path):
    ours = suite({"test_where.py": TESTS})
    run_by(ours, environment / "bin" / "trun", environment)
    # As under bin/pytest: neither another that is active, nor a link somewhere on PATH, changes that.
    (tmp_path / "trun").symlink_to(environment / "bin" / "trun")
    run_by(ours, tmp_path / "trun", environment, VIRTUAL_ENV=str(tmp_path))


def test_alone_in_its_environment_it_looks_on(suite, plain_python, python_without_pytest):
    """pipx and its like install it so."""
    alone = Path(python_without_pytest).parent.parent
    install(alone)
    active = Path(plain_python).parent.parent
    ours = suite({"test_where.py": TESTS})
    run_by(ours, alone / "bin" / "trun", active, VIRTUAL_ENV=str(active))
    (ours.root / ".venv").symlink_to(active)
    run_by(ours, alone / "bin" / "trun", ours.root / ".venv", VIRTUAL_ENV="")
