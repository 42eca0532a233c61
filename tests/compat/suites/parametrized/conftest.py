import pytest


def pytest_generate_tests(metafunc):
    if "generated" in metafunc.fixturenames:
        metafunc.parametrize("generated", range(3), ids=lambda n: f"gen{n}")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request):
    return request.param


@pytest.fixture(params=[1, pytest.param(2, marks=pytest.mark.xfail(reason="two is wrong")), pytest.param(3, id="three")])
def number(request):
    if request.param == 2:
        pytest.fail("set-up of two")
    return request.param
