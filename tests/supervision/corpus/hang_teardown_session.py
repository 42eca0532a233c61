"""The teardown of a fixture of session scope does not come back: it happens in the last test of the worker."""

import time

import pytest

GUILTY = {
    "alone": True,
    "workers": 1,
    "after": False,
    "options": ["--timeout", "3"],
    "expect": {"test_guilty": "passed"},
    "said": ["timed out in teardown"],
    "complete": False,
}


@pytest.fixture(scope="session")
def slow():
    yield
    time.sleep(100)


def test_guilty(slow):
    pass
