"""Loaded by -p: parametrises what nobody else does."""


def pytest_generate_tests(metafunc):
    if "from_plugin" in metafunc.fixturenames:
        metafunc.parametrize("from_plugin", [1, 2])
