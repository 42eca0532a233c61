"""Failures that trial hands to pytest as objects of its own."""

from twisted.internet import defer
from twisted.trial import unittest


class TestDeferred(unittest.TestCase):
    def setUp(self):
        self.addCleanup(self.assertTrue, True)

    def test_passes(self):
        return defer.succeed(1)

    def test_fails_later(self):
        return defer.fail(ValueError("later"))

    def test_fails_at_once(self):
        self.assertEqual(1, 2)

    def test_skips_itself(self):
        raise unittest.SkipTest("not here")

    def test_is_skipped(self):
        raise AssertionError("never")

    test_is_skipped.skip = "by an attribute"

    def test_is_to_be_done(self):
        raise AssertionError("known")

    test_is_to_be_done.todo = "one day"


class TestBrokenSetUp(unittest.TestCase):
    def setUp(self):
        return defer.fail(OSError("no set-up"))

    def test_never_runs(self):
        raise AssertionError("never")
