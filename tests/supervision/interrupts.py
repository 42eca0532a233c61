"""Short runs that their user interrupts, stops and continues at random: each ends, and says what became of every test.

The tests themselves take an interrupt in four ways: they end by it, swallow it and end, or swallow it and go on for a while, or
for long. No run goes on for longer than its grace and 6 s. All chance comes from a seed: ``interrupts.py RUNS --seed S`` does the
same runs again (when exactly a signal comes is the machine's affair). test_interrupts.py takes some of them.
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
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
import harness

MODULE = """
    import os
    import time

    import pytest

    @pytest.fixture(scope="session")
    def url():
        time.sleep(0.1)
        yield "db://"
        time.sleep(0.05)

    @pytest.fixture(scope="module")
    def wide():
        yield
        time.sleep(0.05)

    @pytest.mark.parametrize("number", range(6))
    def test_n(number, request, url, wide):
        ledger = os.open(os.environ["LEDGER"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(ledger, (request.node.nodeid + "\\n").encode())
        os.close(ledger)
        try:
            time.sleep(0.05)
        except KeyboardInterrupt:
            if number % 3 == 0:
                raise
            time.sleep({1: 0.7, 4: 30}.get(number, 0))
"""
FILES, TESTS = 5, 30
WAYS = (
    *[[]] * 2,
    ["--isolate", "test"],
    ["--isolate", "file"],
    ["--max-tests-per-worker", "2"],
    ["--leak", "fail"],
)
ONCE = '[fixtures]\nonce = ["url"]\n'
GRACE = 1.0
LIMIT = 60.0
"""Seconds that a run may take that was not interrupted before it was over."""
AFTER = GRACE + 6.0
"""Seconds that a run may take once it was interrupted, on a machine that is not overloaded."""


@dataclass(frozen=True)
class Act:
    """``what``: a signal for the guardian alone or for the whole group, or Ctrl-Z and fg; then so long nothing."""

    what: str
    delay: float


@dataclass(frozen=True)
class Interruption:
    """Which run, and what is done to it after so many tests (-1: from its start on)."""

    seed: int
    options: tuple[str, ...]
    config: str
    tests: int
    delay: float
    acts: tuple[Act, ...]

    @classmethod
    def of(cls, seed: int) -> Interruption:
        chance = random.Random(seed)
        options = ["-n", chance.choice(["0", "1", "2", "2", "3"])]
        options += ["--collect", chance.choice(["auto", "each", "once", "sharded"]), *chance.choice(WAYS)]
        acts = [
            Act(
                chance.choice(["SIGINT", "SIGINT", "SIGINT", "SIGTERM", "SIGHUP", "group", "pause"]),
                chance.uniform(0, 0.6),
            )
            for _ in range(chance.choice([1, 1, 2, 2, 3]))
        ]
        tests = chance.choice([-1, *(chance.randrange(TESTS) for _ in range(4))])
        config = chance.choice(["", ONCE])
        return cls(seed, tuple(options), config, tests, chance.uniform(0, 1.0 if tests < 0 else 0.06), tuple(acts))

    def __str__(self) -> str:
        acts = ", ".join(f"{act.what} {act.delay:.2f} s" for act in self.acts)
        how = " ".join(self.options) + (" once" if self.config else "")
        return f"seed {self.seed}: {acts}; {self.delay:.2f} s after {self.tests} tests, {how}"


@dataclass
class Aftermath:
    interruption: Interruption
    run: harness.Run
    began: list[str]
    went_on: float
    """Seconds from the first interrupt, less those that it was paused for, to the end of the run."""

    def check(self) -> None:
        """Raises AssertionError."""
        log = self.run.reports / "events.jsonl"
        events = harness.events_in(log) if log.exists() else []
        verdicts = self.run.verdicts() if events else {}
        assert self.went_on <= AFTER * harness.busyness(), f"went on for {self.went_on:.1f} s"
        assert "its processes have been ended" not in self.run.err, self.run.err
        # A third interrupt ends trun at once: no reports, and that is what it is for.
        thrice = sum(act.what != "pause" for act in self.interruption.acts) >= 3 and self.run.code == 130
        assert self.run.code in (0, 2) or thrice, f"exit code {self.run.code}: {self.run.err}"
        twice = [name for name, count in Counter(self.began).items() if count > 1]
        assert not twice, f"began twice: {twice}"
        assert all(len(each) == 1 for each in verdicts.values()), f"two verdicts on one test: {verdicts}"
        assert {name for name, each in verdicts.items() if each == ["passed"]} <= set(self.began), "passed, never began"
        assert self.run.code != 0 or len(verdicts) == TESTS, "a success without all tests"
        if events and not thrice:
            assert events[-1]["event"] == "run_finished", f"the event log ends with {events[-1]['event']}"
            assert self.run.metrics() and self.run.junit_text().rstrip().endswith("</testsuites>")


def one_run(interruption: Interruption, folder: Path) -> Aftermath:
    ledger = folder / "ledger"
    ledger.touch()
    ours = harness.Suite(
        folder / "suite", {f"test_{n}.py": MODULE for n in range(FILES)} | {"trun.toml": interruption.config}
    )
    limit = LIMIT * harness.busyness()
    options = ["-p", "no:timeout", "-p", "no:asyncio", "--shutdown-timeout", "10", "--grace", f"{GRACE:g}"]
    process = ours.start(*interruption.options, *options, env={"LEDGER": str(ledger)})
    try:
        wanted = interruption.tests
        harness.wait_until(lambda: process.poll() is not None or ledger.read_bytes().count(b"\n") >= wanted, limit)
        time.sleep(interruption.delay)
        began: list[float] = []
        paused = 0.0
        for act in interruption.acts:
            if act.what != "pause":
                began.append(time.monotonic())
            paused += 0.2 * (act.what == "pause" and bool(began))
            _perform(act, process)
        run = ours.finish(process, limit)
        went_on = time.monotonic() - began[0] - paused if began else 0.0
        return Aftermath(interruption, run, ledger.read_text().split("\n")[:-1], went_on)
    finally:
        ours.kill_all()


def _perform(act: Act, process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    try:
        if act.what == "group":
            os.killpg(process.pid, signal.SIGINT)
        elif act.what == "pause":
            process.send_signal(signal.SIGTSTP)
            time.sleep(0.2)
            process.send_signal(signal.SIGCONT)
        else:
            process.send_signal(signal.Signals[act.what])
    except ProcessLookupError:
        pass
    time.sleep(act.delay)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", nargs="?", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000), help="of the first run")
    arguments = parser.parse_args()
    print(f"{arguments.runs} runs from seed {arguments.seed}", flush=True)
    failed, longest = 0, 0.0
    for seed in range(arguments.seed, arguments.seed + arguments.runs):
        interruption = Interruption.of(seed)
        with tempfile.TemporaryDirectory(prefix="trun-soak-", ignore_cleanup_errors=True) as folder:
            try:
                after = one_run(interruption, Path(folder))
                longest = max(longest, after.went_on)
                after.check()
            except AssertionError as error:
                failed += 1
                print(f"FAILED {interruption}\n    {error}", flush=True)
    print(f"longest end of a run: {longest:.1f} s ({AFTER:g} s allowed)")
    print(f"{arguments.runs - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
