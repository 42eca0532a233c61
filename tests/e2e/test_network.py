"""A network of its own for each worker: ports that are written into the tests do not collide."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import pytest

import harness

#: A session fixture that serves on port 8000, as suites of web applications have it. It fails at once where the port is taken.
HARD_CODED = """
    import http.server, threading, time, urllib.request

    import pytest

    @pytest.fixture(scope="session")
    def server():
        made = http.server.HTTPServer(("127.0.0.1", 8000), http.server.SimpleHTTPRequestHandler)
        thread = threading.Thread(target=made.serve_forever)
        thread.start()
        yield "http://127.0.0.1:8000"
        made.shutdown()
        thread.join()
        made.server_close()
"""
TESTS = """
    import time, urllib.request

    import pytest

    @pytest.mark.parametrize("n", range(4))
    def test_get(server, n):
        time.sleep(0.2)
        assert urllib.request.urlopen(server + "/trun.toml", timeout=10).status == 200
"""
FILES = {"conftest.py": HARD_CODED, "test_a.py": TESTS, "test_b.py": TESTS, "trun.toml": "slow = 30\n"}


def may_have_namespaces():
    return subprocess.run(["unshare", "-n", "true"], capture_output=True, check=False).returncode == 0


needs_namespaces = pytest.mark.skipif(not may_have_namespaces(), reason="no network namespaces for this user")


def test_hard_coded_ports_collide_in_one_network(suite):
    made = suite(FILES)
    run = made.trun("-n2")
    assert run.code == 1, run.said
    assert "Address already in use" in run.said
    hint = "with --network=namespace each worker has a network of its own"
    assert hint in run.said.replace("\n", " ")
    assert hint in run.junit_text()
    assert any(hint in str(event["reports"]) for event in run.events() if event["event"] == "test_finished")


@needs_namespaces
@pytest.mark.parametrize("args", [(), ("--collect=once",), ("--collect=each",), ("--lane=standard",)])
def test_hard_coded_ports_do_not_collide_in_networks_of_their_own(suite, args):
    made = suite(FILES)
    run = made.trun("-n2", "--network=namespace", *args)
    assert run.code == 0, run.said
    workers = {event["worker"] for event in run.events() if event["event"] == "test_finished"}
    assert workers == {"gw0", "gw1"}


@needs_namespaces
def test_the_loopback_is_all_there_is(suite):
    made = suite(
        {
            "trun.toml": 'network = "namespace"\n[ports]\napi = { port = 8000 }\n',
            "test_a.py": """
            import os, socket

            def test_interfaces():
                up = [line.split()[0] for line in open("/proc/net/route").readlines()[1:]]
                assert up == []  # no way out
                assert "lo" in [name for _, name in socket.if_nameindex()]

            def test_ports(trun_port):
                assert trun_port("api") == 8000
                for name in ("api", "other"):
                    with trun_port.socket(name) as server:
                        server.listen()
                        socket.create_connection(("127.0.0.1", trun_port(name))).close()

            def test_ipv6():
                with socket.create_server(("::1", 8001), family=socket.AF_INET6):
                    socket.create_connection(("::1", 8001)).close()
            """,
            "test_b.py": "import os, socket\n\ndef test_fixed():\n    socket.create_server(('', 8000)).close()\n",
        }
    )
    run = made.trun("-n2", "--collect=each")
    assert run.code == 0, run.said


@needs_namespaces
def test_a_killed_engine_takes_its_workers_along(suite):
    made = suite({"test_a.py": "import time\n\ndef test_a():\n    open('began', 'w').close()\n    time.sleep(60)\n"})
    process = made.start("-n1", "--network=namespace")
    assert harness.wait_until((made.root / "began").exists, 20)
    os.kill(harness.Processes(process.pid).find("engine"), 9)
    assert made.finish(process, 20).code == 3


@pytest.fixture
def open_folder():
    """Below no folder of pytest's, which are for one user alone."""
    with tempfile.TemporaryDirectory(prefix="trun-network-") as folder:
        os.chmod(folder, 0o755)
        yield Path(folder)


NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def python_for_nobody(environment):
    """An interpreter that user nobody can run, with this one's pytest."""
    for python in (sys.executable, "/usr/bin/python3"):
        for command in (["test", "-x", python], [python, "-c", "import pytest"]):
            if subprocess.run([*NOBODY, *command], env=environment, capture_output=True, check=False).returncode:
                break
        else:
            return python
    pytest.skip("user nobody has no interpreter with pytest")


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can become somebody else")
def test_a_user_without_the_right_has_them_by_a_user_namespace_or_is_told(open_folder):
    """The same as nobody: where the kernel lets users have namespaces it works, else the error says what to do."""
    made = harness.Suite(open_folder / "suite", FILES)
    for folder in (made.root, made.reports):
        folder.chmod(0o777)
    environment = made.environment({"PYTHONPATH": sysconfig.get_path("purelib")})
    python = python_for_nobody(environment)
    if subprocess.run([*NOBODY, "test", "-x", str(harness.TRUN)], check=False).returncode:
        pytest.skip("user nobody cannot run trun where it lies")
    allowed = subprocess.run([*NOBODY, "unshare", "-Un", "true"], capture_output=True, check=False).returncode == 0
    command = [*NOBODY, *made.command("-n2", "--network=namespace", "-p", "no:cacheprovider", python=python)]
    done = subprocess.run(
        command, cwd=made.root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    if allowed:
        assert done.returncode == 0, done.stdout + done.stderr
    else:
        assert done.returncode == 4
        assert "the kernel gives this user no network namespace" in done.stderr
        assert "use --network host" in done.stderr
