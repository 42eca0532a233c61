"""Runs build/trun as a user does: a suite written into a folder, a command line, and what came of it.

Every process of a run carries a mark in its environment, by which what it leaves behind is found: an escape from the session or
the process group does not hide from that."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import uuid
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARK = "TRUN_TEST_MARK"
_BOOT = "trun_worker/boot.py"
REPOSITORY = Path(__file__).resolve().parents[2]
TRUN = Path(os.environ.get("TRUN", REPOSITORY / "build" / "trun")).absolute()
LIMIT = 60.0
"""Seconds that any run may take."""

# Whoever runs the tests may ignore some (nohup, a job in the background); what a test starts is to have them as from a shell.
for _number, _default in (
    (signal.SIGHUP, signal.SIG_DFL),
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGQUIT, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _default)


def wait_until(condition: Callable[[], Any], seconds: float) -> Any:
    """Polls until `condition` gives something true, and returns that; the last answer after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return answer


def busyness() -> float:
    """By how much wall-clock limits are stretched: processes that want to run for each processor, 1 on a machine that is not
    overloaded, 8 at most. A limit is there to tell what ends from what does not."""
    return min(max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1)), 8.0)


def marked(mark: str) -> list[int]:
    """Living processes with `mark` in their environment. Zombies have none."""
    wanted = f"{MARK}={mark}".encode()
    return [pid for pid in _pids() if wanted in _read(pid, "environ").split(b"\0")]


def _pids() -> list[int]:
    return [int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path("/proc", str(pid), name).read_bytes()
    except OSError:
        return b""


def command_line(pid: int) -> str:
    return _read(pid, "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()


def _stat(pid: int) -> list[bytes]:
    """/proc/PID/stat behind the command's name: state, parent, ...; empty if the process is gone."""
    stat = _read(pid, "stat")
    return stat[stat.rindex(b")") + 2 :].split() if stat else []


def children_of(parent: int) -> list[int]:
    """Living children, in the order in which they were started."""
    stats = {pid: stat for pid in _pids() if (stat := _stat(pid)) and int(stat[1]) == parent and stat[0] != b"Z"}
    return sorted(stats, key=lambda pid: (int(stats[pid][19]), pid))


@dataclass(frozen=True)
class Processes:
    """Who is who below a running trun: the guardian is the process that the user started, the engine its only child. Of the
    engine's children services are other programs; of the rest the first is the fork server, and where there is a conftest
    the second its twin."""

    guardian: int

    def find(self, role: str, oldest: bool = False) -> int | None:
        if role == "guardian":
            return self.guardian
        engine = next(iter(children_of(self.guardian)), None)
        if role == "engine" or engine is None:
            return engine
        programs = {pid: command_line(pid) for pid in children_of(engine)}
        helpers = [pid for pid, program in programs.items() if _BOOT in program]
        # One that is still a copy of the engine will be something in a moment.
        copy = command_line(engine)
        services = [pid for pid, program in programs.items() if pid not in helpers and program != copy]
        wanted = {"service": services, "fork server": helpers[:1], "twin": helpers[1:2]}.get(role, helpers[1:])
        return (wanted[0] if oldest else wanted[-1]) if wanted else None


def events_in(log: Path) -> list[dict[str, Any]]:
    """Every complete line of an event log. The last may be cut short where trun was killed."""
    return [json.loads(line) for line in log.read_bytes().split(b"\n")[:-1]]


@dataclass(frozen=True)
class Run:
    """What came of one command."""

    code: int
    out: str
    err: str
    seconds: float
    reports: Path

    @property
    def said(self) -> str:
        return self.out + self.err

    def junit(self) -> dict[str, list[str]]:
        """The results of each test case by "classname::name": "passed", or the tags of its failure, error or skipped."""
        cases: dict[str, list[str]] = {}
        for case in ElementTree.parse(self.reports / "junit.xml").iter("testcase"):
            name = f"{case.get('classname')}::{case.get('name')}"
            verdicts = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
            cases.setdefault(name, []).append("+".join(verdicts) or "passed")
        return cases

    def junit_text(self) -> str:
        return (self.reports / "junit.xml").read_text()

    def metrics(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.reports / "metrics.json").read_text())
        return found

    def events(self) -> list[dict[str, Any]]:
        return events_in(self.reports / "events.jsonl")

    def verdicts(self) -> dict[str, list[str]]:
        """Outcomes by node id, as the event log has them."""
        found: dict[str, list[str]] = {}
        for event in self.events():
            if event["event"] == "test_finished":
                found.setdefault(event["nodeid"], []).append(event["outcome"])
        return found


class Survivors(AssertionError):
    pass


class Suite:
    """A folder with test files, and the ways to run them."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes]) -> None:
        self.root = root
        self.reports = root.parent / f"{root.name}-reports"
        self.mark = str(uuid.uuid4())
        root.mkdir(parents=True, exist_ok=True)
        self.reports.mkdir(exist_ok=True)
        self.write(files)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else textwrap.dedent(text).encode())

    def environment(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """The user's, without what the runner of these tests put there."""
        ours = ("PYTEST", "TRUN", "PYTHONDONTWRITEBYTECODE", "COV_")
        # Not by items(): suites start in threads, while pytest sets and removes PYTEST_CURRENT_TEST.
        kept = {name: os.environ[name] for name in os.environ if not name.startswith(ours)}
        return {**kept, MARK: self.mark, **(more or {})}

    def command(self, *args: str, python: str = sys.executable, program: Path = TRUN) -> list[str]:
        reports = [f"--{option}={self.reports / name}" for option, name in _REPORTS.items()]
        return [str(program), "--python", python, *reports, *args]

    def start(self, *args: str, python: str = sys.executable, **popen: Any) -> subprocess.Popen[str]:
        """A run at work. Use finish() to end it."""
        for name in _REPORTS.values():
            (self.reports / name).unlink(missing_ok=True)
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        env = self.environment(popen.pop("env", None))
        command = self.command(*args, python=python, program=popen.pop("program", TRUN))
        return subprocess.Popen(
            command, cwd=self.root, env=env, text=True, errors="replace", start_new_session=True, **{**streams, **popen}
        )

    def finish(self, process: subprocess.Popen[str], limit: float = LIMIT) -> Run:
        """Waits for a run to end by itself, and for all that it started to be gone. Raises Survivors."""
        began = time.monotonic()
        try:
            out, err = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            self.kill_all()
            out, err = process.communicate()
            raise AssertionError(f"not over after {limit} s:\n{out}{err}") from None
        self.assert_no_survivor()
        return Run(process.returncode, out or "", err or "", time.monotonic() - began, self.reports)

    def trun(self, *args: str, python: str = sys.executable, limit: float = LIMIT, **popen: Any) -> Run:
        return self.finish(self.start(*args, python=python, **popen), limit)

    def pytest(self, *args: str, python: str = sys.executable, env: Mapping[str, str] | None = None) -> Run:
        began = time.monotonic()
        done = subprocess.run(
            [python, "-m", "pytest", f"--junitxml={self.reports / 'junit.xml'}", *args],
            cwd=self.root,
            env=self.environment(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return Run(done.returncode, done.stdout, done.stderr, time.monotonic() - began, self.reports)

    def assert_no_survivor(self, seconds: float = 2.0) -> None:
        """What a run started must be gone soon after its end; what is not is killed, and named."""
        seconds *= busyness()
        wait_until(lambda: not marked(self.mark), seconds)
        if left := {pid: command_line(pid) for pid in marked(self.mark)}:
            self.kill_all()
            raise Survivors(f"left behind {seconds} s after the end: {left}")

    def kill_all(self) -> None:
        def kill() -> bool:
            for pid in (left := marked(self.mark)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            return not left

        wait_until(kill, 5.0)


_REPORTS = {"junitxml": "junit.xml", "metrics": "metrics.json", "events": "events.jsonl"}
