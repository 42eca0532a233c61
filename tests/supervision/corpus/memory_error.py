"""Runs into a limit of its own on its address space: an exception like others."""

import resource

GUILTY = {"expect": {"test_guilty": "failed"}}


def test_guilty():
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, before[1]))
    try:
        bytearray(4 << 30)
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
