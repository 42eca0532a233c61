"""Suites with services: the folders that they run in, and the programs that they start."""

import getpass
import os
import shutil
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

import harness

PROGRAMS = Path(__file__).parent / "programs"
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def pytest_configure(config):
    # A shell's background job ignores it, and so would all that is started here.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if not harness.TRUN.exists():
        raise pytest.UsageError(f"{harness.TRUN} does not exist: run ./dev build, or name it by TRUN")


class ServiceSuite(harness.Suite):
    """A suite whose trun.toml may say {python}, {programs}, {note} and {pg}."""

    def __init__(self, root, toml, files):
        self.note = root.parent / f"{root.name}-note"
        words = {"python": sys.executable, "programs": str(PROGRAMS), "note": str(self.note)}
        if POSTGRESQL:
            words["pg"] = str(POSTGRESQL[-1])
            words["pg_user"] = 'user = "postgres"' if os.geteuid() == 0 else ""
            words["pg_role"] = "postgres" if os.geteuid() == 0 else getpass.getuser()
        for word, value in words.items():
            toml = toml.replace(f"@{word}@", value)
        super().__init__(root, {"trun.toml": toml, **files})

    def notes(self):
        """What the programs wrote down, in order."""
        return self.note.read_text().split() if self.note.exists() else []

    def so_far(self):
        """The events of a run at work."""
        return harness.events_in(self.reports / "events.jsonl")

    def log(self, service):
        return (self.root / ".trun" / "services" / f"{service}.log").read_text()


@pytest.fixture
def services(tmp_path):
    """Makes suites out of trun.toml and {file name: text}; all that they started is gone at the end, whatever happened."""
    made = []

    def make(toml, files, name="suite"):
        made.append(ServiceSuite(tmp_path / name, toml, files))
        return made[-1]

    yield make
    for each in made:
        each.kill_all()


@pytest.fixture(scope="session")
def postgresql():
    if not POSTGRESQL:
        pytest.fail("PostgreSQL is not installed: ./dev services installs it (Debian: postgresql)")


@pytest.fixture(scope="session")
def redis():
    if not shutil.which("redis-server"):
        pytest.fail("Redis is not installed: ./dev services installs it (Debian: redis-server)")
