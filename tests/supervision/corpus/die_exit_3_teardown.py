"""Leaves in a teardown."""

import os

import pytest

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 3 in teardown"}}


@pytest.fixture
def leaves():
    yield
    os._exit(3)


def test_guilty(leaves):
    pass
