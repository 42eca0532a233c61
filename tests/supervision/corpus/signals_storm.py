"""A timer that fires a thousand times a second for the rest of the file: every system call is interrupted."""

import signal

import pytest

GUILTY = {"expect": {"test_guilty": "passed"}}


@pytest.fixture(scope="module", autouse=True)
def for_this_file_only():
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def test_guilty():
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
