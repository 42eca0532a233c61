import unittest

import pytest
from twisted.python.failure import Failure


@pytest.mark.parametrize("n", range(4))
def test_plain(n):
    assert n < 3


class TestOfUnittest(unittest.TestCase):
    def test_passes(self):
        self.assertIsNone(None)

    def test_fails(self):
        Failure(ValueError("shown")).raiseException()
