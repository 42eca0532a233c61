"""Prints 5 MB and fails: all of it is in its report."""

GUILTY = {"expect": {"test_guilty": "failed"}, "limit": 30}


def test_guilty():
    line = "y" * 1023
    for _ in range(5 * 1024):
        print(line)
    raise AssertionError("after many words")
