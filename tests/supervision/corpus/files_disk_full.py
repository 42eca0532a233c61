"""May write no more: as with a disk that is full, what it prints does not arrive."""

import resource

GUILTY = {"expect": {"test_guilty": "passed|failed|error"}}


def test_guilty():
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        print("x" * 100_000, flush=True)
    except OSError:
        pass
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
