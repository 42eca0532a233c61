"""`trun services up|down|status|logs`."""

import os
import re
import signal
import subprocess
import urllib.request

import pytest

import harness

TOML = """
[services.api]
command = ["@python@", "@programs@/serve.py", "{port}", "--name", "{name}", "--note", "@note@"]
ports = ["http"]
ready = { http = "/health" }

[services.mail]
command = ["@python@", "@programs@/serve.py", "{port}", "--name", "{name}", "--note", "@note@"]
ports = ["smtp"]
ready = "tcp"
lazy = true
"""


def by_hand(suite, *words):
    command = [str(harness.TRUN), "services", *words]
    return subprocess.run(
        command, cwd=suite.root, env=suite.environment(), capture_output=True, text=True, timeout=60, check=False
    )


def test_up_status_logs_down(services):
    suite = services(TOML, {})
    up = by_hand(suite, "up")
    assert up.returncode == 0, up.stderr
    assert suite.notes() == ["+api"], "the lazy one is not started"
    status = by_hand(suite, "status")
    assert status.returncode == 0
    url = re.search(r"^api: ready; http 127\.0\.0\.1:\d+, (\S+);", status.stdout, re.MULTILINE)[1]
    assert b'"name": "api"' in urllib.request.urlopen(url, timeout=60).read()
    assert "mail: not started" in status.stdout
    assert by_hand(suite, "logs", "api").stdout.splitlines()[:2] == ["api starts", "api listens"]
    again = by_hand(suite, "up")
    assert again.returncode == 4 and "are up already" in again.stderr
    down = by_hand(suite, "down")
    assert down.returncode == 0, down.stderr
    suite.assert_no_survivor()
    assert suite.notes() == ["+api", "-api"]
    assert by_hand(suite, "status").returncode == 1
    assert by_hand(suite, "down").returncode == 4
    assert by_hand(suite, "logs", "api").returncode == 0, "the log stays"


def test_by_name(services):
    suite = services(TOML, {})
    assert by_hand(suite, "up", "mail").returncode == 0
    assert suite.notes() == ["+mail"]
    assert by_hand(suite, "down").returncode == 0
    wrong = by_hand(suite, "up", "mai")
    assert wrong.returncode == 4 and "there is no service 'mai'" in wrong.stderr and "'mail'" in wrong.stderr


def test_what_does_not_start_is_said_and_nothing_stays(services):
    suite = services('[services.api]\ncommand = "echo no such table; exit 7"\nports = ["x"]\nready = "tcp"\n', {})
    up = by_hand(suite, "up")
    assert up.returncode == 1
    assert "service api ended (exit 7) before it was ready" in up.stderr and "no such table" in up.stderr
    suite.assert_no_survivor()
    assert by_hand(suite, "status").returncode == 1


DATABASE = """
scope = "slot-database"
database = { kind = "command", name = "d{slot}", reset = "echo making >> @note@; sleep @takes@; echo made >> @note@" }
"""


@pytest.mark.parametrize(
    "takes, how", [("0.5", "down"), ("60", "down"), ("0.5", signal.SIGINT), ("60", signal.SIGTERM)]
)
def test_up_is_stopped_while_a_database_is_being_made(services, takes, how):
    suite = services(TOML.partition("[services.mail]")[0] + DATABASE.replace("@takes@", takes), {})
    up = subprocess.Popen(
        [str(harness.TRUN), "services", "up"],
        cwd=suite.root,
        env=suite.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert harness.wait_until(lambda: "making" in suite.notes(), harness.LIMIT)
    if how == "down":
        assert by_hand(suite, "down").returncode == 0
    else:
        up.send_signal(how)
    out, err = up.communicate(timeout=harness.LIMIT)
    assert up.returncode == (1 if how == "down" else 2), (out, err)
    assert ("interrupted" in err) == (how != "down"), err
    suite.assert_no_survivor(harness.LIMIT)
    assert suite.notes().count("-api") == 1, (out, err)
    assert by_hand(suite, "status").returncode == 1


@pytest.mark.parametrize("words", [[], ["restart"], ["logs"], ["logs", "a", "b"]])
def test_wrong_usage(services, words):
    found = by_hand(services(TOML, {}), *words)
    assert found.returncode == 4 and found.stderr


def test_without_a_file(services):
    suite = services(TOML, {})
    (suite.root / "trun.toml").unlink()
    (suite.root / ".git").mkdir()
    found = by_hand(suite, "status")
    assert found.returncode == 4 and "no trun.toml was found" in found.stderr


def test_kill_9_of_the_holder_ends_the_services(services):
    suite = services(TOML.replace('"--note"', '"--daemon", "--note"'), {})
    assert by_hand(suite, "up").returncode == 0
    holder = next(
        p for p in harness.marked(suite.mark) if "services up" in harness.command_line(p) and harness.children_of(p)
    )
    engine = next(iter(harness.children_of(holder)))
    os.kill(engine if "services up" in harness.command_line(engine) else holder, signal.SIGKILL)
    suite.assert_no_survivor(harness.LIMIT)
