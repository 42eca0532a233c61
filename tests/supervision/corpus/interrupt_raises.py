"""KeyboardInterrupt ends the session, as in pytest."""

GUILTY = {"alone": True, "workers": 1, "code": 2, "complete": False, "expect": {"test_innocent_before": "passed"}}


def test_guilty():
    raise KeyboardInterrupt
