import pytest


@pytest.fixture(autouse=True)
def seen(request):
    print("conftest of flat sees", request.node.name)
