"""Fails with a message of a million characters."""

GUILTY = {"expect": {"test_guilty": "failed"}, "limit": 30}


def test_guilty():
    raise AssertionError("m" * 1_000_000)
