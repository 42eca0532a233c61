"""Compose files: with whatever engine this machine has, and what is said where it has none. What an engine is told is shown
by one that writes down its words; a real one needs a container engine that runs.
"""

import os
import shutil
import stat
import sys

TOML = """
[services.stack]
compose = "compose.yaml"
profiles = ["test"]
env_files = [".env.test"]
compose_services = ["db"]
ports = ["db"]
env = { DB_PORT = "{port.db}" }
ready = "tcp"
"""
TESTS = """
    import os, socket
    import pytest

    @pytest.mark.trun(services=["stack"])
    def test_reaches_it():
        socket.create_connection(("127.0.0.1", int(os.environ["TRUN_SERVICE_STACK_PORT"]))).close()
    """
ENGINE = """#!/bin/sh
echo "$@" >> "{note}"
for word; do
  [ "$word" = up ] && exec "{python}" "{serve}" "$DB_PORT"
done
exit 0
"""


def path_without_engines(folder):
    """A PATH with what tests need and no engine."""
    folder.mkdir()
    for name in ("sh", "python3", "env"):
        os.symlink(shutil.which(name), folder / name)
    return str(folder)


def test_no_engine_is_a_usage_error(services, tmp_path):
    suite = services(TOML, {"test_a.py": TESTS, "test_b.py": "def test_b(): pass\n"})
    path = path_without_engines(tmp_path / "bin")
    run = suite.trun("-n", "2", env={"PATH": path, "HOME": str(tmp_path)})
    assert run.code == 4, run.said
    assert "service 'stack': no engine for compose files is here" in run.err
    assert "install docker-compose-plugin or podman-compose" in run.err
    run = suite.trun("-n", "2", "test_b.py", env={"PATH": path, "HOME": str(tmp_path)})
    assert run.code == 0, "nobody needs it"


def test_an_engine_is_told_project_file_profiles_and_environment_files(services, tmp_path):
    suite = services(TOML, {"test_a.py": TESTS})
    path = path_without_engines(tmp_path / "bin")
    engine = tmp_path / "bin" / "podman-compose"
    serve = os.path.join(os.path.dirname(__file__), "programs", "serve.py")
    engine.write_text(ENGINE.format(note=suite.note, python=sys.executable, serve=serve))
    engine.chmod(engine.stat().st_mode | stat.S_IXUSR)
    run = suite.trun("-n", "2", env={"PATH": path, "HOME": str(tmp_path)})
    assert run.code == 0, run.said
    up, down = suite.note.read_text().splitlines()
    common = f"-f {suite.root}/compose.yaml --profile test --env-file {suite.root}/.env.test"
    project = up.split()[1]
    assert project.startswith("trun-") and project.endswith("-stack")
    assert up == f"-p {project} {common} up db"
    assert down == f"-p {project} {common} down --volumes -t 1"
