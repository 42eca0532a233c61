"""Dies in a teardown."""

import ctypes

import pytest

GUILTY = {"expect": {"test_guilty": r"crashed: crashed \(signal 11, SIGSEGV\) in teardown"}}


@pytest.fixture
def fragile():
    yield
    ctypes.string_at(0)


def test_guilty(fragile):
    pass
