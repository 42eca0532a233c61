import time

import pytest


def test_unlimited():
    pass


@pytest.mark.timeout(20)
def test_in_time():
    time.sleep(0.01)


@pytest.mark.timeout(0.1)
def test_too_slow():
    print("going to sleep")
    time.sleep(5)


def test_after_it():
    pass


@pytest.fixture
def slow():
    time.sleep(5)


@pytest.mark.timeout(0.1)
def test_slow_fixture(slow):
    pass


@pytest.mark.timeout(0.1, func_only=True)
def test_slow_call():
    try:
        time.sleep(5)
    finally:
        print("cleaned up")


@pytest.mark.timeout(20)
def test_fails_in_time():
    assert 0
