import pytest


def test_some_fail(subtests):
    for number in range(3):
        with subtests.test("number", number=number):
            assert number != 1


def test_plain():
    pass


@pytest.mark.skip(reason="not now")
def test_skipped():
    pass
