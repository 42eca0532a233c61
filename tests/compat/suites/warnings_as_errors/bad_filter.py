import pytest


def test_before():
    pass


@pytest.mark.filterwarnings("no such action")
def test_bad_filter():
    pass


def test_after():
    pass
