"""The teardown of a fixture of function scope does not come back: the test has not passed."""

import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in teardown"}}


@pytest.fixture
def slow():
    yield
    time.sleep(100)


@pytest.mark.timeout(1)
def test_guilty(slow):
    pass
