"""README.md says nothing that is not so: its commands work, its links lead somewhere, each of its options exists."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import harness

README = (harness.REPOSITORY / "README.md").read_text()
COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]
DEV = [command for command in COMMANDS if command.startswith("./dev ")]
PIP = [command for command in COMMANDS if command.startswith("pip ")]
TRUN = [command for command in COMMANDS if command.startswith("trun")]


def run(command, folder, environment=None):
    return subprocess.run(
        command,
        cwd=folder,
        env=environment,
        shell=True,
        executable="/bin/bash",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_each_command_is_of_a_kind_that_is_tried_here():
    assert sorted(DEV + PIP + TRUN) == sorted(COMMANDS)
    assert len(DEV) >= 4
    assert len(TRUN) >= 4


def test_pip_is_told_the_projects_name():
    """What it then installs is shown by ./dev roots."""
    project = (harness.REPOSITORY / "pyproject.toml").read_text()
    assert [f"pip install {name}" for name in re.findall(r'^name = "(.+)"$', project, re.MULTILINE)] == PIP


@pytest.mark.parametrize("command", DEV)
def test_a_command_of_dev_exists(command):
    """They are not run: most of them run these tests."""
    name = command.split()[1]
    helped = run("./dev help", harness.REPOSITORY)
    assert helped.returncode == 0
    assert name == "help" or re.search(rf"^  {name} ", helped.stdout, re.MULTILINE)


def test_the_demo_runs_and_says_where_its_reports_are():
    done = run("./dev demo", harness.REPOSITORY)
    assert done.returncode == 0, done.stdout + done.stderr
    reports = re.findall(r"^\w+: +(build/demo/\S+)$", done.stdout, re.MULTILINE)
    assert len(reports) == 3
    for report in reports:
        assert (harness.REPOSITORY / report).stat().st_size > 0


@pytest.fixture
def project(tmp_path):
    """A copy of the example, and an environment in which `trun` and the virtual environment's python are found."""
    folder = tmp_path / "quickstart"
    shutil.copytree(
        harness.REPOSITORY / "examples" / "quickstart", folder, ignore=shutil.ignore_patterns(".pytest_cache")
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "trun").symlink_to(harness.TRUN)
    environment = harness.Suite(tmp_path / "unused", {}).environment()
    environment["PATH"] = f"{tmp_path / 'bin'}{os.pathsep}{environment['PATH']}"
    environment["VIRTUAL_ENV"] = str(Path(sys.executable).parent.parent)
    return folder, environment


@pytest.mark.parametrize("command", TRUN)
def test_a_command_of_trun_works_in_the_example(project, command):
    folder, environment = project
    done = run(command, folder, environment)
    assert done.returncode == 0, done.stdout + done.stderr
    for report in re.findall(r"--\w+=(\S+\.\w+)", command):
        assert (folder / report).stat().st_size > 0


def test_each_option_of_truns_in_the_readme_is_in_its_help():
    changes = next(line for line in README.splitlines() if line.startswith("| arguments"))
    own = re.findall(r"`(-[\w-]+)`", changes.split("|")[3])
    helped = run(f"'{harness.TRUN}' --help", harness.REPOSITORY).stdout
    assert len(own) >= 9
    for option in own:
        assert re.search(rf"{option}\b", helped), option


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)#]+)\)", README))
def test_a_link_leads_somewhere(link):
    assert (harness.REPOSITORY / link).exists()
