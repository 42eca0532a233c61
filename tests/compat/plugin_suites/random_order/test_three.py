import pytest


def test_first():
    pass


def test_bad():
    assert not "ever"


class TestClass:
    def test_in_class(self):
        pass


@pytest.mark.skip(reason="not now")
def test_skipped():
    pass
