"""What the engine costs where suites are large: ``./dev bench --scale``.

The engine is the real one, with its terminal, JUnit, metrics and event log; Python is simulated (simulated.py), so that what is
seen is trun's. Memory is the engine's peak, less that of a run of two files; time is the engine's own processor time, likewise,
by the number of tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

SIMULATED = Path(__file__).with_name("simulated.py")
FILES_A_FOLDER = 250
TICKS = os.sysconf("SC_CLK_TCK")
#: Of the task: a million tests in 50,000 files, under 1 KB and 5 µs each.
MOST_BYTES, MOST_MICROSECONDS = 1024, 5.0


@dataclass(frozen=True)
class Size:
    files: int
    tests: int
    """In each file."""
    workers: int = 2

    @property
    def count(self) -> int:
        return self.files * self.tests


@dataclass(frozen=True)
class Cost:
    seconds: float
    cpu: float
    """Of the engine alone, seconds."""
    peak: int
    """Of the engine alone, bytes."""


SIZES = (Size(5_000, 20), Size(50_000, 20), Size(2_000, 50, 64))


def main(trun: Path, sizes: tuple[Size, ...] = SIZES) -> int:
    """Prints the table; 1 if the largest run costs more than it may."""
    with tempfile.TemporaryDirectory(prefix="trun-scale-") as folder:
        little = measure(trun, Size(2, 20), Path(folder))
        print("| tests | files | workers | wall | engine's CPU a test | engine's memory a test |")
        print("|---|---|---|---|---|---|")
        missed = False
        for size in sizes:
            cost = measure(trun, size, Path(folder))
            microseconds = 1e6 * (cost.cpu - little.cpu) / size.count
            each = (cost.peak - little.peak) / size.count
            missed |= each > MOST_BYTES or microseconds > MOST_MICROSECONDS
            row = (
                f"{size.count:,}",
                f"{size.files:,}",
                size.workers,
                f"{cost.seconds:.1f} s",
                f"{microseconds:.2f} µs",
            )
            print("|", *(f"{cell} |" for cell in row), f"{each:,.0f} B |", flush=True)
    print(f"at most {MOST_MICROSECONDS:.0f} µs and {MOST_BYTES} B: {'missed' if missed else 'kept'}")
    return int(missed)


def make_suite(root: Path, files: int) -> None:
    for first in range(0, files, FILES_A_FOLDER):
        folder = root / f"part_{first // FILES_A_FOLDER:04}"
        folder.mkdir(parents=True)
        for number in range(first, min(first + FILES_A_FOLDER, files)):
            (folder / f"test_{number:06}.py").write_text("def test_case():\n    pass\n")


def measure(trun: Path, size: Size, folder: Path) -> Cost:
    root = folder / f"suite-{size.files}"
    if not root.exists():
        make_suite(root, size.files)
    reports = folder / "reports"
    reports.mkdir(exist_ok=True)
    command = [
        str(trun),
        "--python",
        str(SIMULATED),
        "-q",
        "-n",
        str(size.workers),
        "--start",
        "fork",
        "--collect",
        "sharded",
    ]
    command += [f"--{name}={reports / name}" for name in ("junitxml", "metrics", "events")]
    environment = os.environ | {"SIMULATED_TESTS": str(size.tests)}
    with (folder / "log").open("wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        cpu, peak = watch_engine(process)
        seconds = time.perf_counter() - began
    if process.returncode not in (0, 1):
        raise SystemExit(f"exit {process.returncode}\n" + (folder / "log").read_text(errors="replace")[-2000:])
    return Cost(seconds, cpu, peak)


def watch_engine(guardian: subprocess.Popen[bytes]) -> tuple[float, int]:
    """CPU and peak memory of the engine, the guardian's child, as they were a few milliseconds before its end."""
    engine, cpu, peak = 0, 0.0, 0
    while guardian.poll() is None:
        engine = engine or child_of(guardian.pid)
        try:
            stat = Path(f"/proc/{engine}/stat").read_bytes().rpartition(b") ")[2].split()
            status = Path(f"/proc/{engine}/status").read_text()
        except OSError:
            time.sleep(0.002)
            continue
        if stat[0] != b"Z" and "VmHWM" in status:
            cpu = (int(stat[11]) + int(stat[12])) / TICKS
            peak = 1024 * int(status.partition("VmHWM:")[2].split()[0])
        time.sleep(0.01)
    return cpu, peak


def child_of(parent: int) -> int:
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return 0
    return int(children[0]) if children else 0


if __name__ == "__main__":
    chosen = tuple(Size(*map(int, text.split("x"))) for text in sys.argv[2:])
    sys.exit(main(Path(sys.argv[1]).resolve(), chosen or SIZES))
