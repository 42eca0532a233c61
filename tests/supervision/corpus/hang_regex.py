"""A regular expression that backtracks for years, in C with the GIL held."""

import re

import pytest

GUILTY = {"expect": {"test_guilty": "timed_out: timed out in call"}}


@pytest.mark.timeout(1)
def test_guilty():
    re.match(r"(a+)+$", "a" * 60 + "b")
