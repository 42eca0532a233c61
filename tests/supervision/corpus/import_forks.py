"""Its import forks, and the child goes on to collect."""

import os

GUILTY = {
    "expect": {"test_guilty": "passed"},
    "options": ["--collect-timeout", "5", "--continue-on-collection-errors"],
}

if child := os.fork():
    os.kill(child, 19)


def test_guilty():
    pass
