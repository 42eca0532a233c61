"""A child raises what its parent does not."""

import os

GUILTY = {"expect": {"test_guilty": "passed"}}


def test_guilty():
    if child := os.fork():
        _, status = os.waitpid(child, 0)
        assert os.WEXITSTATUS(status) == 1, "the child's own test has failed"
    else:
        raise RuntimeError("only in the child")
