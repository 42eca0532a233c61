"""Services start before the first test that needs them, in order, and are ready by the check that was asked for."""

import json

import pytest
from one_service import SERVE
from suites import BOTH_SLOTS

ASKS = """
    import json, os, urllib.request
    import pytest

    def get(name, path="/"):
        port = os.environ[f"TRUN_SERVICE_{name}_PORT"]
        return json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}{path}"))

    @pytest.mark.trun(services=["api"])
    def test_answers():
        assert get("API")["name"] == "api"
    """


def one(ready, more=""):
    return f'[services.api]\n{SERVE}{more}]\nports = ["http"]\nready = {ready}\n'


@pytest.mark.parametrize(
    "ready, more",
    [
        ('"tcp"', ', "--slow", "0.3"'),
        ('{ http = "/health" }', ', "--unready", "3"'),
        ('{ http = "/health", json = { status = "ok" } }', ', "--unready", "2"'),
        ('{ http = "/health", json = { checks.db = true } }', ""),
        ('{ http = "/", status = 503 }', ', "--unready", "2"'),
        ('{ log = "api listens$" }', ', "--slow", "0.3"'),
        ('{ command = "test -s @note@" }', ""),
    ],
    ids=["tcp", "503-then-200", "json", "json-field-of-a-field", "another-status", "log", "command"],
)
def test_ready_by(services, ready, more):
    asks = ASKS if "503" not in ready else ASKS.replace('get("API")["name"] == "api"', 'os.path.exists("/")')
    suite = services(one(ready, more), {"test_a.py": asks})
    run = suite.trun("-n", "2")
    assert run.code == 0, run.said
    assert run.verdicts() == {"test_a.py::test_answers": ["passed"]}
    assert suite.notes() == ["+api", "-api"], "started once, and stopped by its signal"
    assert "api listens" in suite.log("api")


@pytest.mark.parametrize("collect", ["each", "once"])
def test_waiting_for_it_is_no_part_of_collecting(services, collect):
    suite = services(one('"tcp"', ', "--slow", "4"'), {"test_a.py": ASKS})
    run = suite.trun("-n", "2", "--collect", collect, "--collect-timeout", "2")
    assert run.code == 0, run.said
    assert run.verdicts() == {"test_a.py::test_answers": ["passed"]}


def test_a_run_without_tests_that_need_it_starts_nothing(services):
    suite = services(one('"tcp"'), {"test_a.py": "def test_a(): pass\n"})
    assert suite.trun("-n", "2").code == 0
    assert suite.notes() == []


def test_dependencies_and_phases_are_barriers_and_the_stop_goes_backwards(services):
    toml = (
        f'[services.web]\n{SERVE}]\nports = ["http"]\nready = "tcp"\ndepends_on = ["api"]\n'
        f'[services.api]\n{SERVE}, "--slow", "0.2"]\nports = ["http"]\nready = "tcp"\n'
        f'[services.db]\n{SERVE}, "--slow", "0.3"]\nports = ["sql"]\nready = "tcp"\nphase = "databases"\n'
        f'[services.tools]\n{SERVE}, "--slow", "0.3"]\nports = ["x"]\nready = "tcp"\nphase = "dependencies"\n'
    )
    tests = """
        import pytest

        @pytest.mark.trun(services=["web", "db", "tools"])
        def test_all():
            pass
        """
    suite = services(toml, {"test_a.py": tests})
    run = suite.trun("-n", "2")
    assert run.code == 0, run.said
    assert suite.notes() == ["+tools", "+db", "+api", "+web", "-web", "-api", "-db", "-tools"]


def test_lazy_services_start_when_a_test_asks(services):
    toml = one('"tcp"').replace("[services.api]", "[services.api]\nlazy = true")
    tests = """
        import json, os, urllib.request

        def test_before():
            assert not os.path.exists("@note@")

        def test_asks(trun_service):
            api = trun_service("api")
            assert json.load(urllib.request.urlopen(f"http://{api.host}:{api.port}/"))["name"] == "api"
            assert api.ports == {"http": api.port}
            assert trun_service("api") == api
        """
    suite = services(toml, {})
    suite.write({"test_a.py": tests.replace("@note@", str(suite.note))})
    run = suite.trun("-n", "1")
    assert run.code == 0, run.said
    assert suite.notes() == ["+api", "-api"]


def test_scope_worker_gives_each_slot_its_own(services):
    toml = one('"tcp"').replace("[services.api]", '[services.api]\nscope = "worker"')
    module = """
        import os, time
        import pytest

        @pytest.mark.trun(services=["api"])
        def test_port(record_property, both_slots):
            record_property("seen", os.environ["TRUN_SLOT"] + ":" + os.environ["TRUN_SERVICE_API_PORT"])
        """
    suite = services(toml, {"conftest.py": BOTH_SLOTS, **{f"test_{letter}.py": module for letter in "abcd"}})
    run = suite.trun("-n", "2")
    assert run.code == 0, run.said
    seen = {part.partition('"')[0] for part in run.junit_text().split('name="seen" value="')[1:]}
    assert len(seen) == 2 and len({each.partition(":")[2] for each in seen}) == 2, seen
    assert sorted(suite.notes()) == ["+api", "+api", "-api", "-api"]


def test_a_websocket_server(services):
    toml = """
        [services.echo]
        command = ["@python@", "@programs@/websocket.py", "{port.ws}"]
        ports = ["ws"]
        ready = { log = "is up" }
        url = "ws://{host}:{port.ws}"
        """
    tests = """
        import base64, os, socket, urllib.parse
        import pytest

        @pytest.mark.trun(services=["echo"])
        def test_echo():
            url = urllib.parse.urlsplit(os.environ["TRUN_SERVICE_ECHO_URL"])
            assert url.scheme == "ws"
            with socket.create_connection((url.hostname, url.port)) as s:
                key = base64.b64encode(b"0123456789abcdef").decode()
                s.sendall(f"GET / HTTP/1.1\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Key: {key}\\r\\n\\r\\n".encode())
                answer = s.makefile("rb")
                assert answer.readline().split()[1] == b"101"
                while answer.readline().strip():
                    pass
                text, mask = b"hello", b"abcd"
                s.sendall(bytes([0x81, 0x80 | len(text)]) + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(text)))
                assert answer.read(2 + len(text)) == bytes([0x81, len(text)]) + text
        """
    run = services(toml, {"test_a.py": tests}).trun("-n", "2")
    assert run.code == 0, run.said


def test_a_service_has_as_many_processors_as_it_may(services):
    toml = """
        [services.job]
        cpu = 0.5
        command = "grep ^Cpus_allowed_list: /proc/self/status; sleep 600"
        ready = { log = "^Cpus_allowed_list:" }
        """
    tests = """
        import pytest

        @pytest.mark.trun(services=["job"])
        def test_a():
            pass
        """
    suite = services(toml, {"test_a.py": tests})
    assert suite.trun("-n", "2").code == 0
    assert suite.log("job").split()[1].isdigit(), "one, not a range of them"


def test_a_service_is_told_where_another_is(services):
    toml = one('"tcp"') + (
        '[services.job]\ncommand = "echo $TRUN_SERVICE_API_PORT {service.api.port} > @note@.job && sleep 600"\n'
        'ready = { command = "test -s @note@.job" }\ndepends_on = ["api"]\n'
    )
    tests = """
        import os
        import pytest

        @pytest.mark.trun(services=["job"])
        def test_same():
            port = os.environ["TRUN_SERVICE_API_PORT"]
            assert open("@note@.job").read().split() == [port, port]
        """
    suite = services(toml, {})
    suite.write({"test_a.py": tests.replace("@note@", str(suite.note))})
    run = suite.trun("-n", "2")
    assert run.code == 0, run.said


def test_a_service_on_a_port_of_the_run_and_a_variable_that_says_where(services):
    """A number of [ports] that a service listens on stays the same for the worker that replaces another."""
    toml = (
        one('"tcp"').replace('ports = ["http"]', 'ports = { http = {} }\nenv = { HUB = "{port.hub}" }')
        + '[services.echo]\ncommand = "echo $HUB $SEEN > @note@.echo && sleep 600"\nready = { command = "test -s @note@.echo" }\n'
        + 'env = { HUB = "{port.hub}" }\n[ports]\nhub = { scope = "run" }\n'
        + '[env]\nWHERE = "{service.api.url}"\n[modes.real]\nenv = { SEEN = "{service.api.port}" }\n'
    )
    tests = """
        import os
        import pytest

        @pytest.mark.trun(services=["api", "echo"])
        def test_told():
            hub, seen = open("@note@.echo").read().split()
            assert hub == os.environ["TRUN_PORT_HUB"]
            assert seen == os.environ["SEEN"] == os.environ["TRUN_SERVICE_API_PORT"]
            assert os.environ["WHERE"] == "http://127.0.0.1:" + seen
        """
    toml = toml.replace('ready = "tcp"', 'ready = { http = "/health" }')
    suite = services(toml, {})
    suite.write({"test_a.py": tests.replace("@note@", str(suite.note))})
    run = suite.trun("-n", "2", "--mode", "real")
    assert run.code == 0, run.said


def test_rules_and_modes_name_services_too(services):
    toml = one('"tcp"') + (
        '[[overrides]]\npaths = ["test_a.py"]\nservices = ["api"]\n[modes.real]\nservices = ["api"]\n'
    )
    suite = services(
        toml,
        {"test_a.py": ASKS.replace('@pytest.mark.trun(services=["api"])', ""), "test_b.py": "def test_b(): pass\n"},
    )
    run = suite.trun("-n", "2")
    assert run.code == 0, run.said
    assert suite.notes() == ["+api", "-api"]
    suite.note.unlink()
    run = suite.trun("-n", "2", "--mode", "real", "test_b.py")
    assert run.code == 0, run.said
    assert suite.notes() == ["+api", "-api"], "the mode starts it though no test asks"
    suite.note.unlink()
    run = suite.trun("-n", "2", "--mode", "real", "--dry-run", "test_b.py")
    assert run.code == 0 and suite.notes() == [], run.said


def test_pytests_own_loop_has_all_services_that_are_not_lazy(services, tmp_path):
    suite = services(one('"tcp"'), {"test_a.py": ASKS})
    run = suite.trun("--setup-show")
    assert run.code == 0, run.said
    assert suite.notes() == ["+api", "-api"]


def test_the_address_of_a_service_as_json(services):
    tests = """
        import dataclasses, json, pathlib

        def test_address(trun_service):
            pathlib.Path("address.json").write_text(json.dumps(dataclasses.asdict(trun_service("api"))))
        """
    suite = services(one('{ http = "/" }'), {"test_a.py": tests})
    assert suite.trun("-n", "2").code == 0
    address = json.loads((suite.root / "address.json").read_text())
    port = address["port"]
    assert address == {
        "name": "api",
        "host": "127.0.0.1",
        "port": port,
        "ports": {"http": port},
        "url": f"http://127.0.0.1:{port}",
        "database": None,
    }
