"""Recurses to Python's limit."""

GUILTY = {"expect": {"test_guilty": "failed"}}


def test_guilty():
    def down():
        down()

    down()
