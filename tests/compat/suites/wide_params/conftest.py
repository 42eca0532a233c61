import pytest

ORDER = []


@pytest.fixture(scope="session", params=["north", "south"])
def site(request):
    ORDER.append(request.param)
    yield request.param
    ORDER.append(f"left {request.param}")
