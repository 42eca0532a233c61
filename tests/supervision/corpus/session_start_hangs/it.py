"""No session starts."""

GUILTY = {
    "alone": True,
    "options": ["--collect-timeout", "10"],
    "code": 3,
    "complete": False,
    "said": ["its session did not start within 10 s", "in pytest_sessionstart"],
}


def test_it():
    pass
