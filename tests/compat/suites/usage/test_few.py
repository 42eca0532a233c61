import pytest


@pytest.mark.smoke
def test_one():
    print("one")


@pytest.mark.slow
@pytest.mark.smoke
def test_two():
    pass


class TestFew:
    def test_three(self):
        pass


class FewOthers:
    def check_four(self):
        pass


def check_five():
    pass
