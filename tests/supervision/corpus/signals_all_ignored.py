"""Ignores whatever can be ignored, and leaves it so."""

import signal

import pytest

GUILTY = {"expect": {"test_guilty": "passed"}}


@pytest.fixture(scope="module", autouse=True)
def for_this_file_only():
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    yield
    for number, handler in before.items():
        if signal.getsignal(number) != handler and number < signal.SIGRTMIN:
            signal.signal(number, signal.SIG_DFL if handler is None else handler)


def test_guilty():
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD}:
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass  # the C library's own
