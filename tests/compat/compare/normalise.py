"""What may differ between two runs of the same tests: a closed list. Everything else must be equal to the letter.

Each rule has a negative control in ../tests/test_compare.py: a difference just outside of it that is found.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from compare.recording import Recording, Report, Warned


@dataclass(frozen=True)
class Rule:
    name: str
    pattern: re.Pattern[str]
    replacement: str

    def apply(self, text: str) -> str:
        return self.pattern.sub(self.replacement, text)


#: `<Thing object at 0x7f3a5c0d1e20>`: only after "at", only numbers as long as addresses are.
ADDRESSES = Rule("object addresses", re.compile(r"(?<=\bat )0x[0-9a-fA-F]{8,16}\b"), "0xADDRESS")

#: `/tmp/pytest-of-me/pytest-3/popen-gw0`: the base that pytest makes for each run and xdist for each worker.
TEMPORARY_PATHS = Rule(
    "temporary paths", re.compile(r"/pytest-of-[^/\s'\"]+/pytest-\d+(?:/popen-gw\d+)?(?![\w-])"), "/BASETEMP"
)

#: `97 passed in 1.23s (0:01:02)`: only at the end of pytest's closing line. Nowhere else is a duration read at all.
DURATIONS = Rule("durations", re.compile(r" in \d+\.\d\ds(?: \(\d[^)]*\))?$"), " in SECONDS")

#: `methods = [<HookImpl plugin_name=...`: the plugins of the process, an argument of pluggy's frames under --full-trace. trun
#: is one of them.
PLUGIN_LISTS = Rule("lists of plugins", re.compile(r"(?m)^(methods|hook_impls) = \[<HookImpl .*$"), r"\1 = [HOOKIMPLS]")

#: `|   File ".../_pytest/runner.py", line 361, in from_call`: the frames of the runner itself that the traceback of an exception
#: group holds above the user's, with the lines of source below each.
RUNNER_FRAMES = Rule(
    "frames of the runner in exception groups",
    re.compile(
        r'(?m)^ *\|   File "[^"\n]*/(?:_pytest|pluggy|trun_worker)/[^"\n]*", line \d+, in .*\n(?: *\|     .*\n)*'
    ),
    "",
)

TEXT_RULES = (ADDRESSES, TEMPORARY_PATHS, PLUGIN_LISTS, RUNNER_FRAMES)


def normal_text(text: str) -> str:
    for rule in TEXT_RULES:
        text = rule.apply(text)
    return text


def normal_report(report: Report) -> Report:
    skip = report.skip and (report.skip[0], report.skip[1], normal_text(report.skip[2]))
    return replace(
        report,
        longrepr=normal_text(report.longrepr),
        skip=skip,
        wasxfail=None if report.wasxfail is None else normal_text(report.wasxfail),
        sections=tuple((name, normal_text(text)) for name, text in report.sections),
        properties=tuple((name, normal_text(text)) for name, text in report.properties),
        subtest=normal_text(report.subtest),
    )


def normal_warning(warned: Warned) -> Warned:
    return replace(warned, text=normal_text(warned.text))


def normal(recording: Recording) -> Recording:
    """A copy in which what may differ is replaced by a word. Node ids, counts and exit codes are never touched."""
    return replace(
        recording,
        collect_reports=[normal_report(report) for report in recording.collect_reports],
        reports=[normal_report(report) for report in recording.reports],
        warnings=[normal_warning(warned) for warned in recording.warnings],
        suite_properties=[(name, normal_text(value)) for name, value in recording.suite_properties],
        summary=[normal_text(line) for line in recording.summary],
        closing_line=DURATIONS.apply(recording.closing_line),
    )
