"""The teardown of a fixture of class scope does not come back: it happens in the last test of the class."""

import time

import pytest

GUILTY = {"expect": {"TestClass::test_first": "passed", "TestClass::test_guilty": "timed_out: timed out in teardown"}}


class TestClass:
    @pytest.fixture(scope="class")
    def slow(self):
        yield
        time.sleep(100)

    def test_first(self, slow):
        pass

    @pytest.mark.timeout(1)
    def test_guilty(self, slow):
        pass
