import pytest


def pytest_generate_tests(metafunc):
    if "depth" in metafunc.fixturenames:
        metafunc.parametrize("depth", range(2), scope="module")


def pytest_pycollect_makeitem(collector, name, obj):
    if name.startswith("twice_"):
        return [pytest.Function.from_parent(collector, name=f"{name}-{turn}", callobj=obj) for turn in (1, 2)]
