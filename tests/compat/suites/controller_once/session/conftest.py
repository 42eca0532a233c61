from pathlib import Path

import xdist

HERE = Path(__file__).parent


def note(text):
    with open(HERE / "notes.txt", "a") as file:
        file.write(text + "\n")


def pytest_sessionstart(session):
    if not xdist.is_xdist_worker(session):
        (HERE / "database.txt").write_text("made\n")
        note("started")


def pytest_sessionfinish(session, exitstatus):
    if not xdist.is_xdist_worker(session):
        note(f"finished with {int(exitstatus)}")
