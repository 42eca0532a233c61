import pytest


@pytest.mark.parametrize("n", range(20))
def test_many(n):
    pass
