"""A fixture of class scope does not come back; the next test of the class sets it up again."""

import pathlib
import time

import pytest

GUILTY = {"expect": {"TestClass::test_guilty": "timed_out: timed out in setup", "TestClass::test_second": "passed"}}


class TestClass:
    @pytest.fixture(scope="class")
    def slow(self):
        flag = pathlib.Path(__file__).with_suffix(".was-here")
        if not flag.exists():
            flag.touch()
            time.sleep(100)

    @pytest.mark.timeout(1)
    def test_guilty(self, slow):
        pass

    def test_second(self, slow):
        pass
