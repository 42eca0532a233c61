import sys
import threading

import pytest


def fail(text):
    raise RuntimeError(text)


def leave():
    sys.exit(3)


def run(text):
    thread = threading.Thread(target=fail, args=(text,), name="worker-thread")
    thread.start()
    thread.join()


def test_in_call():
    run("call")


def test_next_to_it():
    pass


def test_two_threads():
    run("one")
    run("two")


def test_that_fails_too():
    run("and the test")
    assert 1 == 2


@pytest.fixture
def in_setup():
    run("set-up")
    yield
    run("tear-down")


def test_in_fixture(in_setup):
    pass


def test_system_exit_is_no_failure():
    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()


@pytest.mark.filterwarnings("error")
def test_marked_as_error():
    run("marked")


def test_own_excepthook(monkeypatch):
    seen = []
    monkeypatch.setattr(threading, "excepthook", seen.append)
    run("hooked")
    assert [str(hook.exc_value) for hook in seen] == []
