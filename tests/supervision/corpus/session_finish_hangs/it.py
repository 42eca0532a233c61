"""No session ends: all verdicts stand."""

GUILTY = {
    "alone": True,
    "options": ["--session-finish-timeout", "1"],
    "code": 3,
    "said": ["its session did not end within", "in pytest_sessionfinish"],
    "expect": {"test_it": "passed"},
}


def test_it():
    pass
