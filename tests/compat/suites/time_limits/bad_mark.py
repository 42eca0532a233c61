import pytest


def test_before():
    pass


@pytest.mark.timeout("soon")
def test_bad_mark():
    pass


def test_after():
    pass
