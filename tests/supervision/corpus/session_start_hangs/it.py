"""No session starts."""

GUILTY = {
    "alone": True,
    "options": ["--collect-timeout", "5"],
    "code": 3,
    "complete": False,
    "said": ["its session did not start within", "in pytest_sessionstart"],
}


def test_it():
    pass
