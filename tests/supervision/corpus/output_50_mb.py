"""Prints 50 MB and passes."""

GUILTY = {"expect": {"test_guilty": "passed"}, "limit": 20}


def test_guilty():
    line = "x" * 1023
    for _ in range(50 * 1024):
        print(line)
