"""SystemExit in a fixture is an error, as in pytest."""

import pytest

GUILTY = {"expect": {"test_guilty": "failed|error"}}


@pytest.fixture
def leaves():
    raise SystemExit(0)


def test_guilty(leaves):
    pass
