import pytest


@pytest.mark.parametrize("a, b", [(1,)])
def test_wrong_number(a, b):
    pass


@pytest.mark.parametrize("other", [1])
def test_no_such_argument():
    pass
