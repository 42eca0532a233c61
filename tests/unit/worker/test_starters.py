"""Which test has started what a process waits for before it ends."""

import atexit
import threading

import pytest

from trun_worker.worker.starters import Starters


@pytest.fixture
def pump():
    """Starts a thread that lives until the test is over."""
    ends = threading.Event()
    threads = []

    def start(name, daemon=False):
        thread = threading.Thread(target=ends.wait, name=name, daemon=daemon)
        thread.start()
        threads.append(thread)

    yield start
    ends.set()
    for thread in threads:
        thread.join()


def test_a_thread_is_known_by_the_test_that_started_it(pump):
    pump("earlier")
    starters = Starters()
    starters.after("test_a")
    pump("first")
    starters.after("test_b")
    pump("a daemon", daemon=True)
    pump("second")
    starters.after("test_c")
    starters.after("test_d")
    found = [text for text in starters.awaited() if not text.startswith("MainThread")]
    assert found == ["earlier", "first (started in test_b)", "second (started in test_c)"]


def test_a_thread_that_has_ended_makes_room_for_no_other(pump):
    starters = Starters()
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()
    starters.after("test_a")
    pump("left")
    starters.after("test_b")
    assert "left (started in test_b)" in starters.awaited()


def test_tests_that_register_handlers_are_known():
    starters = Starters()

    def handler():
        pass

    try:
        starters.after("test_a")
        atexit.register(handler)
        starters.after("test_b")
        starters.after("test_c")
        for number in range(10):
            atexit.register(handler)
            starters.after(f"test_{number}")
    finally:
        atexit.unregister(handler)
    assert list(starters.registered_in) == [f"test_{number}" for number in range(5, 10)]
