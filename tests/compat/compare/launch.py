"""Runs one command in a session of its own, with a wall limit, its output in files. Knows nothing of pytest."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Optional

#: Seconds between SIGTERM and SIGKILL for a command that is late.
GRACE = 5.0


@dataclass(frozen=True)
class Ended:
    """`exit_code` is None for a command that was killed because it passed its limit."""

    exit_code: Optional[int]
    stdout: str
    stderr: str


def launch(command: list[str], cwd: Path, env: dict[str, str], logs: Path, limit: float) -> Ended:
    """Output goes to files: what a leaked grandchild still holds open cannot make us wait."""
    out_path, err_path = logs.with_suffix(".out"), logs.with_suffix(".err")
    with open(out_path, "wb") as out, open(err_path, "wb") as err:
        process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True
        )
        exit_code = _wait(process, limit)
    return Ended(exit_code, _read(out_path), _read(err_path))


def _wait(process: subprocess.Popen[bytes], limit: float) -> Optional[int]:
    try:
        return process.wait(limit)
    except subprocess.TimeoutExpired:
        _stop(process)
        return None
    except BaseException:  # Ctrl-C while we wait: nothing of ours stays behind
        _stop(process)
        raise


def _stop(process: subprocess.Popen[bytes]) -> None:
    """SIGTERM first, so that trun can sweep its workers, which are in sessions of their own; then SIGKILL to the group."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        pass
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="backslashreplace")
