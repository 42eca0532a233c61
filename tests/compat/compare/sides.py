"""The two sides of a comparison: how a variant is run under pytest (plain, or through xdist as a stand-in) and under trun."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

from compare.aside import junit_counts, lines_of_files, lines_said
from compare.combinations import Combination
from compare.launch import Ended, launch
from compare.pytest_recording import read_pytest_recording
from compare.recording import Recording, closing_line, printed_marks, short_summary
from compare.suites import Variant
from compare.trun_recording import read_trun_recording
from compare.workplace import Workplace

#: Under `python -m pytest` the current directory comes first on sys.path; under the command `pytest`, and trun, it does not.
BOOT = "import sys, pytest; sys.argv[0] = 'pytest'; sys.path.remove(''); sys.exit(pytest.main())"


class Unusable(Exception):
    """A run whose record cannot be compared: it contradicts itself or cannot be read."""


class Late(Exception):
    """A run that passed its wall limit. The message holds the end of its output."""


class Side:
    """Runs one variant in its workplace; `limit` in seconds for each run."""

    def __init__(self, workplace: Workplace, variant: Variant, python: Path, limit: float) -> None:
        self._place = workplace
        self._variant = variant
        self._python = python
        self._limit = limit

    def run_pytest(self, options: Optional[list[str]] = None) -> Recording:
        record = self._fresh("record.jsonl")
        command = [str(self._python), "-c", BOOT, "-p", "trun_compat_record", *(options or [])]
        command += [*self._junit(), *self._variant.args]
        ended = self._launch(command, {"TRUN_COMPAT_RECORD": str(record)})
        return self._finish(read_pytest_recording(record), ended)

    def run_trun(self, trun: Path, combination: Combination) -> Recording:
        events = self._fresh("events.jsonl")
        command = [str(trun), "--python", str(self._python), *combination.arguments]
        command += ["--dist", "loadfile"] if self._variant.whole_files else []
        command += ["--events", str(events), *self._junit(), *self._variant.trun, *self._variant.args]
        ended = self._launch(command, {})
        try:
            recording = self._finish(read_trun_recording(events), ended)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Unusable(f"the event log cannot be read: {error!r}\n{ended.stderr[-2000:]}") from error
        if recording.logged_exit_code not in (None, ended.exit_code):
            raise Unusable(f"trun ended with {ended.exit_code}, its event log says {recording.logged_exit_code}")
        return recording

    def _junit(self) -> list[str]:
        path = self._place.logs / "junit.xml"
        path.unlink(missing_ok=True)
        return ["--junitxml", str(path)] if self._variant.junit else []

    def _fresh(self, name: str) -> Path:
        self._place.renew()
        path = self._place.logs / name
        path.unlink(missing_ok=True)
        return path

    def _launch(self, command: list[str], env: dict[str, str]) -> Ended:
        env = {**self._place.environment(), **env}
        return launch(command, self._place.cwd, env, self._place.logs / "output", self._limit)

    def _finish(self, recording: Recording, ended: Ended) -> Recording:
        recording.output = f"{ended.stdout}\n{ended.stderr}"
        if ended.exit_code is None:
            tail = "\n".join(recording.output.strip().splitlines()[-20:])
            raise Late(f"killed: wall limit of {self._limit:g} s passed\n{tail}")
        recording.exit_code = ended.exit_code
        recording.closing_line = closing_line(ended.stdout)
        recording.summary = short_summary(ended.stdout)
        recording.printed = printed_marks(ended.stdout, ended.stderr)
        recording.aside = lines_of_files(self._place.cwd, self._variant.leaves)
        recording.aside += lines_said(recording.output, self._variant.said)
        recording.aside += junit_counts(self._place.logs / "junit.xml")
        return recording
