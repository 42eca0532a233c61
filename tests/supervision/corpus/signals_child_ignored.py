"""Ignores SIGCHLD: the kernel throws away the statuses of its children."""

import signal
import subprocess
import sys

import pytest

GUILTY = {"expect": {"test_guilty": "passed"}}


@pytest.fixture(scope="module", autouse=True)
def for_this_file_only():
    yield
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def test_guilty():
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    subprocess.run([sys.executable, "-c", "pass"], check=False)
