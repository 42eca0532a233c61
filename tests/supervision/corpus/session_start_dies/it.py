"""No session starts: each leaves with exit code 0."""

GUILTY = {"alone": True, "code": 3, "complete": False, "said": ["exit 0"]}


def test_it():
    pass
