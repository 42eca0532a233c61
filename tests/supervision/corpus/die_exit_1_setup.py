"""Leaves in a set-up."""

import os

import pytest

GUILTY = {"expect": {"test_guilty": "premature_exit: the process exited with code 1 in setup"}}


@pytest.fixture
def leaves():
    os._exit(1)


def test_guilty(leaves):
    pass
