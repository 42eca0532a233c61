"""The first conftest does not come back: nothing can run, and the run says where it stands."""

GUILTY = {
    "alone": True,
    "options": ["--collect-timeout", "10"],
    "code": 3,
    "complete": False,
    "reports": False,
    "said": ['conftest.py", line 3 in <module>', "pytest did not get as far as collecting within 10 s (--collect-timeout)"],
}


def test_it():
    pass
