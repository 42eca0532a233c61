import unittest

import pytest


def test_all_pass(subtests):
    for number in range(3):
        with subtests.test(number=number):
            assert number < 3


def test_some_fail(subtests):
    for number in range(4):
        with subtests.test("parity", number=number):
            print("number", number)
            assert number % 2 == 0


def test_skip_inside(subtests):
    with subtests.test("skipped"):
        pytest.skip("this one")
    with subtests.test("fine"):
        pass


def test_xfail_inside(subtests):
    with subtests.test(msg="expected"):
        pytest.xfail("known")


def test_fails_outside_too(subtests):
    with subtests.test("inside"):
        raise ValueError("inside")
    assert 0, "outside"


class Case(unittest.TestCase):
    def test_sub(self):
        for value in (1, 2, 3):
            with self.subTest("value", value=value):
                self.assertNotEqual(value, 2)

    def test_sub_skip(self):
        for value in (1, 2):
            with self.subTest(value=value):
                if value == 2:
                    self.skipTest("two")

    def test_sub_and_own_failure(self):
        with self.subTest(i=0):
            self.fail("in subtest")
        self.fail("in test")
