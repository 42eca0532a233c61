"""The assertion fails, and what it compares cannot be shown: the report of the failure does not come back."""

import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


class Endless:
    def __repr__(self):
        time.sleep(100)


@pytest.mark.timeout(1)
def test_guilty():
    assert Endless() == 1
