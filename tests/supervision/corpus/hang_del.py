"""An object does not let itself be thrown away."""

import time

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


class Stays:
    def __del__(self):
        time.sleep(100)


@pytest.mark.timeout(1)
def test_guilty():
    Stays()
