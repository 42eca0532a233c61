"""The disk of a report is full: the run says so, and does not end well."""

GUILTY = {
    "alone": True,
    "options": ["--metrics", "/dev/full"],
    "code": 3,
    "reports": False,
    "said": ["/dev/full"],
    "expect": {"test_guilty": "passed"},
}


def test_guilty():
    pass
