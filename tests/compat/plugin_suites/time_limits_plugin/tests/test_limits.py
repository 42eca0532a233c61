import time
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def resource():
    yield
    Path(__file__).with_name("taken_down.txt").write_text("module\n")


@pytest.mark.timeout(5)
def test_mark_counts_before_the_option(resource):
    time.sleep(0.8)


def test_late(resource):
    try:
        time.sleep(10)
    finally:
        Path(__file__).with_name("cleaned.txt").write_text("test\n")


@pytest.mark.xfail(reason="known to be late")
def test_expected_to_be_late(resource):
    time.sleep(10)


@pytest.mark.timeout(0)
def test_no_limit(resource):
    time.sleep(0.8)


def test_quick(resource):
    pass
