"""Compose files: with whatever engine this machine has, and what is said where it has none. What an engine is told is shown
by one that writes down its words; a real one is Podman, where it is installed and may run containers
(Debian: podman podman-compose runc busybox-static).
"""

import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile

import pytest

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


IMAGE = "localhost/trun-test-web:1"
COMPOSE = f"""
    services:
      db:
        image: {IMAGE}
        ports: ["127.0.0.1:${{DB_PORT}}:80"]
        command: ["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"]
      other:
        image: {IMAGE}
        command: ["/bin/busybox", "sleep", "600"]
    """


def image():
    """One program and one page, as a tar file."""
    program = shutil.which("busybox")
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        tar.add(os.path.realpath(program), "bin/busybox")
        page = tarfile.TarInfo("www/index.html")
        page.size = len(b"ours")
        tar.addfile(page, io.BytesIO(b"ours"))
    return data.getvalue()


@pytest.fixture
def podman(tmp_path, monkeypatch):
    """Runs podman, which has IMAGE, with limits that any user may set."""
    for program in ("podman", "podman-compose", "busybox"):
        if not shutil.which(program):
            pytest.skip(f"no {program} here")
    conf = tmp_path / "containers.conf"
    runtime = 'runtime = "runc"\n' if shutil.which("runc") else ""
    conf.write_text(f'[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=1000:1000"]\n[engine]\n{runtime}')

    monkeypatch.setenv("CONTAINERS_CONF", str(conf))

    def run(*args, data=None):
        return subprocess.run(["podman", *args], input=data, capture_output=True, check=False, timeout=60)

    run("import", "-", IMAGE, data=image())
    try:
        tried = run("run", "--rm", IMAGE, "/bin/busybox", "true")
        if tried.returncode != 0:
            pytest.skip(f"podman cannot run containers here: {tried.stderr.decode()[-300:]}")
        yield run
    finally:
        run("rmi", "--force", IMAGE)


def test_a_real_engine_serves_tests_and_leaves_no_container(services, podman):
    toml = TOML.replace('profiles = ["test"]\nenv_files = [".env.test"]\n', "").replace(
        'ready = "tcp"', 'ready = { http = "/" }'
    )
    asks = """
        import os, urllib.request
        import pytest

        @pytest.mark.trun(services=["stack"])
        def test_reaches_it():
            assert urllib.request.urlopen(os.environ["TRUN_SERVICE_STACK_URL"]).read() == b"ours"
        """
    suite = services(toml, {"test_a.py": asks, "test_b.py": asks, "compose.yaml": COMPOSE})
    before = podman("ps", "--all", "--quiet").stdout
    run = suite.trun("-n", "2")
    assert run.code == 0, run.said + suite.log("stack")
    assert len(run.verdicts()) == 2
    assert podman("ps", "--all", "--quiet").stdout == before, "nothing of it is there"
