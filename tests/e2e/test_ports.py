"""Ports as a suite gets them: from [ports], by the fixture, as the very socket; and what is said where one cannot be had."""

import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

SHOW = """
    import os, socket, time

    import pytest

    @pytest.mark.parametrize("n", range(4))
    def test_ports(trun_port, trun_slot, n):
        api, shared = trun_port("api"), trun_port("shared")
        assert os.environ["TRUN_PORT_API"] == str(api)
        assert os.environ["TRUN_PORT_SHARED"] == str(shared)
        assert os.environ["TRUN_SLOT"] == str(trun_slot)
        own = trun_port("of the test")
        assert own == trun_port("of the test")
        with open(f"{n}.seen", "w") as file:
            file.write(f"{trun_slot} {api} {shared} {own}")
        for port in (api, own):
            server = socket.socket()
            server.bind(("127.0.0.1", port))  # no option set: nobody else has it
            server.listen()
            server.close()
        time.sleep(0.3)  # so that both workers have some
"""
CONFIG = '[ports]\napi = {}\nshared = { scope = "run" }\n'


def test_each_slot_has_its_ports_and_the_run_has_its_own(suite):
    made = suite({"test_a.py": SHOW, "trun.toml": CONFIG})
    run = made.trun("-n2")
    assert run.code == 0, run.said
    seen = [tuple(map(int, file.read_text().split())) for file in made.root.glob("*.seen")]
    slots = {slot: (api, own) for slot, api, _, own in seen}
    assert set(slots) == {0, 1}
    assert len({shared for _, _, shared, _ in seen}) == 1
    everything = [port for ports in slots.values() for port in ports] + [seen[0][2]]
    assert len(set(everything)) == len(everything) == 5
    first, last = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert not [port for port in everything if first <= port <= last], "the kernel gives those away"


@pytest.mark.parametrize(
    "args", [("-n0",), ("-n1",), ("-n2", "--collect=once"), ("-n2", "--collect=each"), ("-n0", "-s", "--setup-show")]
)
def test_ports_are_there_in_every_way_to_run(suite, args):
    made = suite({"test_a.py": SHOW, "trun.toml": CONFIG})
    run = made.trun(*args)
    assert run.code == 0, run.said
    assert len(list(made.root.glob("*.seen"))) == 4


def test_the_very_socket_takes_connections(suite):
    made = suite(
        {
            "test_a.py": """
            import socket

            def test_socket(trun_port):
                with trun_port.socket("web") as server:
                    assert server.getsockname() == ("127.0.0.1", trun_port("web"))
                    server.listen()
                    client = socket.create_connection(server.getsockname())
                    client.sendall(b"hello")
                    accepted, _ = server.accept()
                    assert accepted.recv(5) == b"hello"
                    accepted.close()
                    client.close()
                with trun_port.socket("web", "::1") as again:
                    assert again.getsockname()[:2] == ("::1", trun_port("web"))

            def test_release(trun_port):
                first = trun_port("once")
                trun_port.release("once")
                assert trun_port("once") != first
            """
        }
    )
    run = made.trun("-n1")
    assert run.code == 0, run.said


def test_what_is_refused_fails_the_test_that_asked(suite):
    made = suite(
        {
            "trun.toml": CONFIG,
            "test_a.py": """
            import socket

            def test_declared(trun_port):
                trun_port.release("api")

            def test_address(trun_port):
                trun_port.socket("web", "localhost")

            def test_taken(trun_port):
                with socket.create_server(("127.0.0.1", trun_port("web"))):
                    trun_port.socket("web")

            def test_after():
                pass
            """,
        }
    )
    run = made.trun("-n1")
    assert run.code == 1
    text = run.junit_text()
    assert "'api' is declared in [ports] and lasts as long as the run" in run.said
    assert "'localhost': not an address; give it as a number, as 127.0.0.1" in run.said
    assert re.search(r"trun_port\('web'\): 'web': cannot bind port \d+ .* it is taken by process \d+ \(", run.said), (
        run.said
    )
    assert run.junit()["test_a::test_after"] == ["passed"], text


@pytest.fixture
def taken():
    """A port on which another process listens, and that process."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        port = finder.getsockname()[1]
    code = f"import socket, sys; s = socket.create_server(('127.0.0.1', {port})); print('on', flush=True); sys.stdin.read()"
    server = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdout.readline() == b"on\n"
    yield port, server
    server.stdin.close()
    server.wait()
    server.stdout.close()


def test_a_fixed_port_that_is_taken_names_the_process(suite, taken):
    port, server = taken
    made = suite({"test_a.py": "def test_a(): pass\n", "trun.toml": f"[ports]\napi = {{ port = {port} }}\n"})
    run = made.trun("-n1")
    assert run.code == 4
    assert f"trun: port {port} ('api') is taken by process {server.pid} (" in run.err
    assert "end it, or leave the number to trun" in run.err
    assert not (made.reports / "junit.xml").exists() or "test_a" not in run.junit_text()


def test_a_fixed_port_is_one_and_workers_are_many(suite):
    text = (
        "import os\n\ndef test_a(trun_port):\n    assert trun_port('api') == int(os.environ['TRUN_PORT_API']) == 8765\n"
    )
    made = suite({"test_a.py": text, "test_b.py": text, "trun.toml": "[ports]\napi = { port = 8765 }\n"})
    run = made.trun("-n2", "--collect=each")
    assert run.code == 4
    assert "port 'api' is to be 8765 for each of 2 workers, which cannot all have it" in run.err
    made.write({"trun.toml": '[ports]\napi = { port = 8765, scope = "run" }\n'})
    assert made.trun("-n2", "--collect=each").code == 0
    made.write({"trun.toml": "[ports]\napi = { port = 8765 }\n"})
    assert made.trun("-n1").code == 0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[ports]\napi = 5\n", "trun.toml:2:7: key 'ports.api': must be a table, not an integer"),
        ("[ports]\napi = { prt = 5 }\n", "trun.toml:2:9: unknown key 'prt'"),
        ("[ports]\napi = { port = 70000 }\n", "trun.toml:2:16: key 'ports.api.port': must be from 1 to 65535"),
        ('[ports]\napi = { scope = "rum" }\n', "key 'ports.api.scope': invalid value 'rum' (allowed: slot, run)"),
        ('[ports]\n"a b" = {}\n', "key 'ports.a b': a port's name has letters, digits, '_' and '-' only"),
        ("[ports]\na-b = {}\na_b = {}\n", "'a-b' has the same variable, TRUN_PORT_A_B"),
        ("[fixtures]\nonce = 1\n", "key 'fixtures.once': must be"),
        ("[fixtures]\nonec = []\n", "trun.toml:2:1: unknown key 'onec'"),
        ('network = "hots"\n', "invalid value 'hots' (allowed: host, namespace)"),
    ],
)
def test_mistakes_in_the_file_say_where(suite, text, complaint):
    run = suite({"test_a.py": "def test_a(): pass\n", "trun.toml": text}).trun()
    assert run.code == 4
    assert complaint in run.err


def test_a_replacement_has_the_ports_of_its_slot(suite):
    made = suite(
        {
            "trun.toml": "[ports]\napi = {}\n",
            "test_a.py": """
            import os, socket

            def say(name, trun_port):
                with open(name, "w") as file:
                    file.write(f"{os.environ['TRUN_PORT_API']} {trun_port('own')} {os.environ['TRUN_ATTEMPT']}")

            def test_first(trun_port):
                say("first.seen", trun_port)
                os.abort()

            def test_second(trun_port):
                say("second.seen", trun_port)
                socket.create_server(("127.0.0.1", trun_port("api"))).close()
            """,
        }
    )
    run = made.trun("-n1")
    assert run.junit()["test_a::test_second"] == ["passed"], run.said
    first = (made.root / "first.seen").read_text().split()
    second = (made.root / "second.seen").read_text().split()
    assert first[:2] == second[:2]
    assert (first[2], second[2]) == ("1", "2")


def test_without_trun_there_are_no_such_fixtures(suite):
    made = suite({"test_a.py": "def test_a(trun_port): pass\n"})
    run = made.pytest()
    assert run.code == 1
    assert "fixture 'trun_port' not found" in run.out


def test_the_list_of_fixtures_in_an_error_is_pytests(suite):
    made = suite({"test_a.py": "def test_a(no_such_fixture): pass\n"})
    listed = re.compile(r">\s+available fixtures: .*")
    under_pytest, under_trun = made.pytest("-p", "no:cacheprovider"), made.trun("-n1", "-p", "no:cacheprovider")
    ours, theirs = (listed.search(run.out).group() for run in (under_trun, under_pytest))
    of_xdist = {"testrun_uid", "worker_id"}  # installed, or trun's stand-in
    ours, theirs = ([name for name in re.split(r"[ ,]+", line) if name not in of_xdist] for line in (ours, theirs))
    assert ours == theirs
    assert "trun_port" not in ours
