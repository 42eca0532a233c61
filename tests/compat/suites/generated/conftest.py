import pytest


def pytest_addoption(parser):
    parser.addoption("--engines", default="steam")


def pytest_generate_tests(metafunc):
    if "engine" in metafunc.fixturenames:
        metafunc.parametrize("engine", metafunc.config.getoption("engines").split(","), indirect=True)


def pytest_make_parametrize_id(config, val, argname):
    return f"{argname}-{val}" if isinstance(val, str) else None


@pytest.fixture
def engine(request):
    return request.param.upper()
