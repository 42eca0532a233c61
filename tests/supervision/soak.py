"""Short runs in which somebody is killed or stopped at random: each ends, its ledger is exact, nothing is left.

The ledger is what the tests themselves write down: a line in a file when each begins, by one write that is atomic. It is held
against the verdicts in the event log. All chance comes from a seed: `soak.py RUNS --seed S` does the same runs again (when
exactly a signal hits is the machine's affair). `./dev soak` is this program, and test_soak.py takes twenty runs of it.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import harness

FILES, TESTS = 5, 6
MODULE = """
    import os
    import time

    import pytest

    @pytest.mark.parametrize("number", range(6))
    def test_n(number, request):
        ledger = os.open(os.environ["LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(ledger, (request.node.nodeid + "\\n").encode())
        os.close(ledger)
        time.sleep(0.03)
"""
SUITE = {f"test_{letter}.py": MODULE for letter in range(FILES)}
SERVICE = harness.REPOSITORY / "tests" / "services" / "programs" / "serve.py"
SERVICES = f"""
    [services.api]
    command = ["{sys.executable}", "{SERVICE}", "{{port}}"]
    ports = ["http"]
    ready = {{ http = "/", deadline = "30s", interval = "50ms" }}
    restart = "on-failure"

    [[overrides]]
    paths = "test_*.py"
    services = ["api"]
"""
ALL = {f"test_{letter}.py::test_n[{number}]" for letter in range(FILES) for number in range(TESTS)}
LIMITS = {
    "--timeout": 3,
    "--collect-timeout": 5,
    "--session-finish-timeout": 5,
    "--shutdown-timeout": 3,
    "--stall-limit": 5,
    "--grace": 0.5,
}
"""Seconds, on a machine that is not overloaded."""
ENDINGS = {"passed", "crashed", "premature_exit", "timed_out", "worker_lost", "infrastructure", "not_run"}
ROLES = ("guardian", "engine", "fork server", "twin", "collector", "worker", "worker", "service")
SIGNALS = (signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV)
LIMIT = 60.0
"""Seconds that a run may take: its time limits one after the other, on a machine that is not idle."""
CLEAN_UP = 5.0
"""Seconds from the death of engine or guardian until nothing of the run is there."""


@dataclass(frozen=True)
class Attack:
    """Who is hit by what, and when: so long after the start, or after so many tests have begun."""

    seed: int
    role: str
    signal: signal.Signals
    tests: int
    delay: float
    collect: str
    workers: int
    serves: bool
    """Whether the tests use a service."""

    @classmethod
    def of(cls, seed: int) -> Attack:
        chance = random.Random(seed)
        role = chance.choice(ROLES)
        # -1: from the start on, before there is any test.
        tests = chance.choice([-1, chance.randrange(len(ALL)), chance.randrange(len(ALL)), len(ALL) - 1])
        return cls(
            seed,
            role,
            chance.choice(SIGNALS),
            tests,
            chance.uniform(0, 1.0 if tests < 0 else 0.06),
            "once" if role == "collector" else chance.choice(["auto", "each", "once", "sharded"]),
            chance.choice([1, 2, 2, 3]),
            role == "service" or chance.random() < 0.3,
        )

    def __str__(self) -> str:
        when = "the start" if self.tests < 0 else f"{self.tests} tests"
        how = f"--collect {self.collect} -n {self.workers}" + (", with a service" if self.serves else "")
        return f"seed {self.seed}: {self.signal.name} to {self.role} {self.delay:.2f} s after {when}, {how}"


@dataclass
class Aftermath:
    """What came of a run. `hit`: whether the signal found somebody. `clean_up`: seconds until all was gone after trun died."""

    attack: Attack
    run: harness.Run
    hit: bool
    began: list[str]
    clean_up: float | None

    @property
    def died(self) -> bool:
        """Whether trun itself was killed: its reports are whole all the same where the engine lived."""
        stopped = self.attack.signal == signal.SIGSTOP
        # An engine that stands still is ended by the guardian; a guardian that does waits to be continued.
        return self.hit and (self.attack.role == "engine" or (self.attack.role == "guardian" and not stopped))

    def events(self) -> list[dict[str, Any]]:
        log = self.run.reports / "events.jsonl"
        return harness.events_in(log) if log.exists() else []

    def check(self) -> None:
        """Raises AssertionError."""
        events = self.events()
        kinds = [event["event"] for event in events]
        told = [event["items"] for event in events if event["event"] == "collection_finished"]
        self.check_ledger(set(told[-1] if told else ()))
        if self.died and self.attack.role == "engine":
            assert self.run.code == 3, f"exit code {self.run.code}"
            return
        if not self.died:
            self.check_code()
        if "run_started" in kinds:
            assert kinds[-1] == "run_finished", f"the event log ends with {kinds[-1]}"
            assert self.run.metrics()
            ElementTree.parse(self.run.reports / "junit.xml")

    def check_ledger(self, collected: set[str]) -> None:
        verdicts = self.run.verdicts() if (self.run.reports / "events.jsonl").exists() else {}
        twice = [name for name, count in Counter(self.began).items() if count > 1]
        assert not twice, f"began twice: {twice}"
        assert set(self.began) <= ALL
        assert set(verdicts) <= ALL
        assert all(len(each) == 1 for each in verdicts.values()), f"two verdicts on one test: {verdicts}"
        assert {each[0] for each in verdicts.values()} <= ENDINGS, verdicts
        assert {name for name, each in verdicts.items() if each == ["passed"]} <= set(self.began), "passed, never began"
        if self.nothing_was_to_run():
            assert not verdicts and not self.began, f"tests ran, though nothing was to run: {verdicts}"
        elif not self.died:
            # All of them, or what is left of a collection whose process was hit: check_code() lets that be no success.
            missing = collected - set(verdicts)
            assert not missing, f"no verdict: {missing}"
            # Whoever is hit costs the tests at work with it, and no other. They may not have come as far as their lines. A
            # service that was not ready yet costs all that wait for it.
            bad = [name for name, each in verdicts.items() if each not in (["passed"], ["not_run"])]
            users = {"worker": 1, "service": self.attack.workers if self.began else len(ALL)}.get(self.attack.role, 0)
            assert len(bad) <= (self.hit and users), f"more tests have paid than were at work: {bad}"

    def nothing_was_to_run(self) -> bool:
        """Whether the collection had errors, as pytest runs nothing then: whoever is hit while it imports a file takes the file
        with it. Or a worker was stopped before it had come to one, and trun has said that its session did not start."""
        if not self.hit:
            return False
        said = [event.get("reason", event.get("text", "")) for event in self.events()]
        if self.run.code == 2:
            return any(text.endswith("during collection") for text in said)
        return self.run.code == 3 and any("its session did not start within" in text for text in said)

    def check_code(self) -> None:
        verdicts = self.run.verdicts() if (self.run.reports / "events.jsonl").exists() else {}
        well = set(verdicts) == ALL and set(map(tuple, verdicts.values())) == {("passed",)}
        if not well:
            assert self.run.code != 0, "a success without all passes"
        elif self.run.code != 0:
            # The session of a worker did not come to its end.
            assert self.run.code == 3 and self.hit, f"exit code {self.run.code}, and all have passed"


def find(attack: Attack, processes: harness.Processes) -> int | None:
    """Who plays the role now."""
    if attack.role == "collector":
        return processes.find("worker", oldest=True)
    return processes.find(attack.role)


def one_run(attack: Attack, folder: Path) -> Aftermath:
    ledger = folder / "ledger"
    ledger.touch()
    more = {"trun.toml": SERVICES} if attack.serves else {}
    if attack.role == "twin":
        more["conftest.py"] = ""  # without one there is none
    ours = harness.Suite(folder / "suite", {**SUITE, **more})
    factor = harness.busyness()
    options = ["-n", str(attack.workers), "--collect", attack.collect, "-p", "no:timeout", "-p", "no:asyncio"]
    options += [f"{name}={seconds * factor:.1f}" for name, seconds in LIMITS.items()]
    limit = LIMIT * factor
    process = ours.start(*options, env={"LEDGER": str(ledger)})
    try:
        hit, began = _hit(attack, process, limit, lambda: ledger.read_bytes().count(b"\n"))
        clean_up = None
        if hit and attack.role == "guardian" and attack.signal == signal.SIGSTOP:
            _continue_when_alone(ours, process, limit)
        elif hit and attack.role in ("guardian", "engine") and attack.signal != signal.SIGSTOP:
            harness.wait_until(lambda: process.poll() is not None and not harness.marked(ours.mark), limit)
            clean_up = time.monotonic() - began
        return Aftermath(attack, ours.finish(process, limit=limit), hit, ledger.read_text().split("\n")[:-1], clean_up)
    finally:
        ours.kill_all()


def _hit(attack: Attack, process: subprocess.Popen[str], limit: float, tests: Callable[[], int]) -> tuple[bool, float]:
    """Sends the signal when its time has come. Returns whether it found somebody, and when."""

    def over() -> bool:
        return process.poll() is not None

    harness.wait_until(lambda: over() or tests() >= attack.tests, limit)
    try:
        process.wait(attack.delay)
    except subprocess.TimeoutExpired:
        pass
    processes = harness.Processes(process.pid)
    victim = harness.wait_until(lambda: over() or find(attack, processes), 20)
    if over() or victim is None:
        return False, time.monotonic()
    try:
        os.kill(victim, attack.signal)
    except ProcessLookupError:
        return False, time.monotonic()
    return True, time.monotonic()


def _continue_when_alone(ours: harness.Suite, process: subprocess.Popen[str], limit: float) -> None:
    """A guardian that is stopped cannot end, but all else of the run must; it is then continued, as its user would."""
    harness.wait_until(lambda: set(harness.marked(ours.mark)) <= {process.pid}, limit)
    left = set(harness.marked(ours.mark)) - {process.pid}
    process.send_signal(signal.SIGCONT)
    assert not left, f"beside the stopped guardian there is {[harness.command_line(pid) for pid in left]}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000), help="of the first run")
    arguments = parser.parse_args()
    print(
        f"{arguments.runs} runs from seed {arguments.seed}: ./dev soak {arguments.runs} --seed {arguments.seed}",
        flush=True,
    )
    failed, hits, clean_ups, longest = 0, Counter[str](), [0.0], 0.0
    for seed in range(arguments.seed, arguments.seed + arguments.runs):
        attack = Attack.of(seed)
        with tempfile.TemporaryDirectory(prefix="trun-soak-", ignore_cleanup_errors=True) as folder:
            complaint = ""
            try:
                after = one_run(attack, Path(folder))
                hits.update([f"{attack.signal.name} {attack.role}"] if after.hit else ["nobody"])
                longest = max(longest, after.run.seconds)
                clean_ups.append(after.clean_up or 0.0)
                after.check()
                if clean_ups[-1] > CLEAN_UP:
                    complaint = f"clean-up took {clean_ups[-1]:.2f} s"
            except AssertionError as error:
                complaint = str(error)
        if complaint:
            failed += 1
            print(f"FAILED {attack}\n    {complaint}", flush=True)
    print(f"longest run: {longest:.1f} s ({LIMIT:g} s allowed)")
    print("hit: " + ", ".join(f"{count} x {what}" for what, count in sorted(hits.items())))
    print(f"clean-up after the death of engine or guardian: at most {max(clean_ups):.2f} s ({CLEAN_UP:g} s allowed)")
    print(f"{arguments.runs - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
