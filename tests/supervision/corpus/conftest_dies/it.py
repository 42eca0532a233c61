"""The first conftest brings the fork server down."""

GUILTY = {"alone": True, "code": 3, "complete": False, "reports": False, "said": ["SIGABRT"]}


def test_it():
    pass
