"""The teardown of a fixture of module scope does not come back: it happens in the last test of the file."""

import time

import pytest

GUILTY = {"expect": {"test_first": "passed", "test_guilty": "timed_out: timed out in teardown"}, "after": False}


@pytest.fixture(scope="module")
def slow():
    yield
    time.sleep(100)


def test_first(slow):
    pass


@pytest.mark.timeout(1)
def test_guilty(slow):
    pass
