import warnings

import pytest

warnings.warn("at the import of one")


def old():
    warnings.warn("old", DeprecationWarning, stacklevel=2)


@pytest.mark.parametrize("n", range(3))
def test_old(n):
    old()


@pytest.mark.no_such_mark
def test_unknown_mark():
    pass


def test_returns():
    return 5
