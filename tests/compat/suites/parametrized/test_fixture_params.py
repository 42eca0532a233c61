import pytest

SEEN = []


@pytest.fixture
def doubled(request):
    return request.param * 2


def test_database(database):
    SEEN.append(database)


def test_cross(database, number):
    assert number < 4


def test_order():
    assert SEEN == ["sqlite", "postgres"]


@pytest.mark.parametrize("doubled", [1, 2], indirect=True)
def test_indirect(doubled):
    assert doubled in (2, 4)


@pytest.mark.parametrize("doubled, plain", [(1, 2), (2, 2)], indirect=["doubled"])
def test_partly_indirect(doubled, plain):
    assert doubled == plain


@pytest.mark.parametrize("database", ["override"])
def test_override(database):
    assert database == "override"


@pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.skip(reason="no two"))])
class TestClassParams:
    def test_first(self, x):
        assert x == 1

    def test_second(self, x, database):
        assert x == 1
