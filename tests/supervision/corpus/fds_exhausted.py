"""Uses up all descriptors and keeps them until the next test."""

import os
import resource

import pytest

GUILTY = {"expect": {"test_guilty": "passed|failed|error|premature_exit"}}


@pytest.fixture(scope="module", autouse=True)
def limit():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def given_back():
    kept = []
    yield kept
    for fd in kept:
        os.close(fd)


def test_guilty(given_back):
    resource.setrlimit(resource.RLIMIT_NOFILE, (700, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    try:
        while True:
            given_back.append(os.open("/dev/null", os.O_RDONLY))
    except OSError:
        pass
