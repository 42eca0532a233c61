"""[env] and the variables of modes: what each slot has for itself, in the environment of its tests and of what they start."""

import pytest

TOML = """
    [ports]
    api = {}
    hub = { scope = "run" }

    [env]
    PLAIN = "for all"
    DATABASE_URL = "postgresql://localhost/test_{run_id}_{slot}"
    API_URL = "http://127.0.0.1:{port.api}/${STAGE:-none}"
    HUB = "{port.hub}"
    OUTSIDE = "by the file"

    [modes.full]
    env_files = [".env"]
"""
TESTS = """
    import os, subprocess, time
    import pytest

    @pytest.mark.parametrize("i", range(4))
    def test_sees(i, record_property, trun_port):
        e = os.environ
        run, slot = e["TRUN_RUN_ID"][:8], e["TRUN_SLOT"]
        assert e["DATABASE_URL"] == f"postgresql://localhost/test_{run}_{slot}"
        assert e["API_URL"] == f"http://127.0.0.1:{trun_port('api')}/{e.get('STAGE', 'none')}"
        assert e["HUB"] == str(trun_port("hub"))
        assert e["OUTSIDE"] == "by the file"
        said = subprocess.run(["printenv", "DATABASE_URL"], capture_output=True, text=True, check=True).stdout
        assert said.strip() == e["DATABASE_URL"]
        record_property("plain", e["PLAIN"])
        record_property("full", e.get("FULL", ""))
"""
CONFTEST = """
    import os

    PLAIN = os.environ["PLAIN"]   # what holds for all is there from the start

    def pytest_configure(config):
        if hasattr(config, "workerinput"):
            assert os.environ["DATABASE_URL"].endswith("_" + os.environ["TRUN_SLOT"])
"""


@pytest.mark.parametrize(
    "options", [("-n", "2", "--collect", "sharded"), ("-n", "2", "--collect", "each"), ("-n", "0")]
)
def test_each_slot_has_its_own(suite, options):
    ours = suite({"trun.toml": TOML, "conftest.py": CONFTEST, "test_a.py": TESTS, "test_b.py": TESTS})
    run = ours.trun(*options, env={"OUTSIDE": "by the shell"})
    assert run.code == 0, run.said
    assert len(run.verdicts()) == 8
    assert 'name="plain" value="for all"' in run.junit_text()


def test_collected_once(suite):
    ours = suite({"trun.toml": TOML, "test_a.py": TESTS, "test_b.py": TESTS})
    run = ours.trun("-n", "2", "--collect", "once", env={"STAGE": "blue"})
    assert run.code == 0, run.said


def test_files_of_the_mode_may_name_ports_and_slots(suite):
    dotenv = 'FULL={worker} on ${TRUN_PORT_HUB}, {levelname}\nHUB="{port.hub}"\nPLAIN=of the mode\n'
    ours = suite({"trun.toml": TOML, ".env": dotenv, "test_a.py": TESTS})
    run = ours.trun("-n", "2", "--mode", "full")
    assert run.code == 0, run.said
    assert 'name="plain" value="of the mode"' in run.junit_text()
    assert 'name="full" value="gw0 on , {levelname}"' in run.junit_text()


@pytest.mark.parametrize(
    "line, complaint",
    [
        (
            'A = "{slto}"',
            "trun.toml:2:5: key 'env.A': '{slto}' is not known here (there are: {slot}, {worker}, {run_id}",
        ),
        ('A = "{port.web}"', "trun.toml:2:5: key 'env.A': '{port.web}' is not known here"),
        ("A = 1", "key 'env.A': must be a string, not an integer"),
        ('"A=B" = "1"', "key 'env.A=B': is no name and value of an environment variable"),
    ],
)
def test_mistakes_are_usage_errors(suite, line, complaint):
    run = suite({"trun.toml": f"[env]\n{line}\n", "test_a.py": "def test_a(): pass\n"}).trun("-n", "2")
    assert run.code == 4, run.said
    assert complaint in run.err
    assert "passed" not in run.out


def test_a_dry_run_names_them(suite):
    ours = suite({"trun.toml": TOML, "test_a.py": TESTS})
    run = ours.trun("--dry-run")
    assert run.code == 0, run.said
    assert "variables: API_URL, DATABASE_URL, HUB, OUTSIDE, PLAIN" in run.out
