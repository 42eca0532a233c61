import pytest

ORDER = []


@pytest.fixture(scope="module", params=["m1", "m2"])
def wide(request):
    ORDER.append(request.param)
    yield request.param
    ORDER.append("left " + request.param)


@pytest.fixture(scope="class", params=["c1", "c2"])
def classwide(request):
    return request.param


def test_one(wide):
    ORDER.append("one")


def test_two(wide):
    ORDER.append("two")


class TestBoth:
    def test_three(self, wide, classwide):
        ORDER.append(classwide)

    def test_four(self, classwide):
        ORDER.append("four")


def test_shows_the_order():
    assert ORDER == []
