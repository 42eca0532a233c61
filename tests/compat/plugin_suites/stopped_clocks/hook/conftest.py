import pytest


def pytest_runtest_setup(item):
    if item.get_closest_marker("usefixtures"):
        pytest.skip("not this one")
