import os
import resource

import pytest


def test_before():
    pass


def test_opens_all_and_closes_them():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (120, hard))
    held = []
    with pytest.raises(OSError):
        while True:
            held.append(os.open("/dev/null", os.O_RDONLY))
    for descriptor in held:
        os.close(descriptor)


def test_leaks_them_all():
    try:
        while True:
            os.open("/dev/null", os.O_RDONLY)
    except OSError:
        pass


def test_after():
    pass


def test_last():
    assert 1 + 1 == 2
