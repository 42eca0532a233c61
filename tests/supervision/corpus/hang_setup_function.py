"""A fixture of function scope does not come back."""

import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in setup"}}


@pytest.fixture
def slow():
    time.sleep(100)


@pytest.mark.timeout(1)
def test_guilty(slow):
    pass
