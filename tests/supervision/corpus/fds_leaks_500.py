"""Opens 500 files and keeps them."""

GUILTY = {"expect": {"test_guilty": "passed"}}

kept = []


def test_guilty():
    for _ in range(500):
        kept.append(open("/dev/null"))
