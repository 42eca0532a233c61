"""pytest.exit() ends the session, as in pytest."""

import pytest

GUILTY = {"alone": True, "workers": 1, "code": 7, "complete": False, "expect": {"test_innocent_before": "passed"}}


def test_guilty():
    pytest.exit("enough", returncode=7)
