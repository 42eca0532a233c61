"""Every session ends in a crash: all verdicts stand, and the run has not gone well."""

GUILTY = {"alone": True, "code": 3, "said": ["its session did not come to its end: signal 6"], "expect": {"test_it": "passed"}}


def test_it():
    pass
