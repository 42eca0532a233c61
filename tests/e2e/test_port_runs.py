"""Many tests in several runs at once that each lease ports and bind them: nobody is given what another has, and what killed
runs held is free again. TRUN_PORT_TESTS and TRUN_PORT_KILLS make it longer (400 and 20 is what was shown)."""

import json
import os
import random
import time

import pytest

import harness

TESTS = int(os.environ.get("TRUN_PORT_TESTS", "120"))
KILLS = int(os.environ.get("TRUN_PORT_KILLS", "8"))

SUITE = """
    import json, os, socket, time

    import pytest

    LOG = os.environ["PORT_LOG"]

    def bound(port):
        made = socket.socket()
        made.bind(("127.0.0.1", port))  # no option set: any other socket on it makes this fail
        made.listen()
        return made

    @pytest.mark.parametrize("n", range(TESTS))
    def test_two(trun_port, n):
        names = [f"a{n}", f"b{n}"]
        ports = [trun_port(name) for name in names]
        began = time.monotonic_ns()
        servers = [bound(port) for port in ports]
        time.sleep(0.005)
        for server in servers:
            server.close()
        line = json.dumps({"run": os.environ["TRUN_RUN_ID"], "ports": ports, "began": began, "ended": time.monotonic_ns()})
        with open(LOG, "a") as file:
            file.write(line + "\\n")
        for name in names:
            trun_port.release(name)
"""


def collisions(entries):
    """Pairs of entries that held one port at one time."""
    by_port = {}
    for entry in entries:
        for port in entry["ports"]:
            by_port.setdefault(port, []).append((entry["began"], entry["ended"], entry["run"]))
    found = []
    for port, holders in by_port.items():
        holders.sort()
        found += [(port, one, two) for one, two in zip(holders, holders[1:]) if two[0] < one[1]]
    return found


def test_the_check_finds_what_it_is_for():
    entries = [
        {"run": "a", "ports": [1, 2], "began": 10, "ended": 20},
        {"run": "b", "ports": [3, 2], "began": 19, "ended": 30},
        {"run": "a", "ports": [3, 1], "began": 30, "ended": 40},
    ]
    assert collisions(entries) == [(2, (10, 20, "a"), (19, 30, "b"))]
    assert collisions(entries[::2]) == []


@pytest.fixture
def machine(suite, tmp_path):
    """Starts runs as on one machine: they share a lease directory and a log."""
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    log = tmp_path / "log"
    log.touch()

    class Machine:
        leases = runtime / "trun"

        def suite(self, name, tests):
            return suite({"test_ports.py": SUITE.replace("TESTS", str(tests))}, name)

        def start(self, made):
            return made.start(
                "-n2", "-p", "no:cacheprovider", env={"XDG_RUNTIME_DIR": str(runtime), "PORT_LOG": str(log)}
            )

        def entries(self):
            return [json.loads(line) for line in log.read_text().splitlines()]

        def files(self):
            return sorted(os.listdir(self.leases)) if self.leases.exists() else []

    return Machine()


def test_two_runs_at_once_share_no_port(machine):
    suites = [machine.suite(name, TESTS) for name in ("one", "two")]
    processes = [machine.start(made) for made in suites]
    runs = [made.finish(process) for made, process in zip(suites, processes)]
    assert [run.code for run in runs] == [0, 0], "".join(run.said for run in runs)
    entries = machine.entries()
    assert len(entries) == 2 * TESTS
    by_run = {}
    for entry in entries:
        by_run.setdefault(entry["run"], []).append(entry)
    assert len(by_run) == 2
    spans = [(min(e["began"] for e in mine), max(e["ended"] for e in mine)) for mine in by_run.values()]
    assert max(span[0] for span in spans) < min(span[1] for span in spans), "they did run at the same time"
    assert collisions(entries) == []
    assert machine.files() == [], "nothing is left of them"


def kill_if_there(pid):
    """Whether it was. ``pid``: None, or one that may have ended by now."""
    if pid is None:
        return False
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return False
    return True


def test_runs_that_are_killed_give_back_what_they_held(machine):
    seed = random.randrange(1 << 30)
    chance = random.Random(seed)
    killed = 0
    for number in range(KILLS):
        made = machine.suite(f"killed{number}", 2000)
        process = machine.start(made)
        time.sleep(chance.uniform(0.3, 2.0))
        victim = harness.Processes(process.pid).find(chance.choice(["engine", "engine", "worker"]))
        killed += kill_if_there(victim)
        time.sleep(chance.uniform(0.0, 0.3))
        # Where it was the victim it may be there still, as a zombie that its guardian reaps at any moment.
        kill_if_there(harness.Processes(process.pid).find("engine"))
        made.finish(process)
    assert killed, f"seed {seed}"
    survivor = machine.suite("survivor", TESTS)
    run = survivor.finish(machine.start(survivor))
    assert run.code == 0, f"seed {seed}\n{run.said}"
    assert collisions(machine.entries()) == [], f"seed {seed}"
    assert machine.files() == [], f"seed {seed}: the survivor swept what the killed had left"
