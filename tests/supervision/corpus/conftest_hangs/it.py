"""The first conftest does not come back: nothing can run, and the run says where it stands."""

GUILTY = {
    "alone": True,
    "options": ["--collect-timeout", "5"],
    "code": 3,
    "complete": False,
    "reports": False,
    "said": ['conftest.py", line 3 in <module>', "pytest did not get as far as collecting within"],
}


def test_it():
    pass
