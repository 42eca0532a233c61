"""Dies while a fixture of module scope is set up; the next test sets it up again."""

import os
import pathlib
import signal

import pytest

GUILTY = {
    "expect": {"test_guilty": r"crashed: crashed \(signal 11, SIGSEGV\) in setup", "test_second": "passed"},
}


@pytest.fixture(scope="module")
def fragile():
    flag = pathlib.Path(__file__).with_suffix(".was-here")
    if not flag.exists():
        flag.touch()
        os.kill(os.getpid(), signal.SIGSEGV)


def test_guilty(fragile):
    pass


def test_second(fragile):
    pass
