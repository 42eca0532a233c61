"""Every session ends in an exception: all verdicts stand, and the run has the exit code that pytest has then."""

GUILTY = {
    "alone": True,
    "code": 1,
    "expect": {"test_it": "passed"},
    "said": ["RuntimeError: in session finish"],
}


def test_it():
    pass
