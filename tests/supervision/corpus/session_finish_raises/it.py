"""Every session ends in an exception: all verdicts stand, and the run has not gone well."""

GUILTY = {
    "alone": True,
    "code": 3,
    "expect": {"test_it": "passed"},
    "said": ["RuntimeError: in session finish", "its session did not come to its end: exit 1"],
}


def test_it():
    pass
