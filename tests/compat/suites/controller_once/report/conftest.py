"""A report of the suite's own: gathered from all tests, written by whoever is no worker."""

from pathlib import Path

REPORT = Path(__file__).with_name("report.txt")
OUTCOMES = {}


def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        OUTCOMES[report.nodeid] = report.outcome


def pytest_sessionfinish(session):
    if not hasattr(session.config, "workerinput"):
        REPORT.write_text("".join(f"{nodeid} {OUTCOMES[nodeid]}\n" for nodeid in sorted(OUTCOMES)))


def pytest_terminal_summary(terminalreporter):
    counts = [f"{len(terminalreporter.getreports(word))} {word}" for word in ("passed", "failed")]
    terminalreporter.write_line("summary: " + ", ".join(counts))
