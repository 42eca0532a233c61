"""Classes that are imported are collected again; so are functions."""

from bases import TestBase, TestFamily, test_borrowed  # noqa: F401


class TestMixed(TestBase, TestFamily):
    pass
