import gc

import pytest


class Fragile:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        raise ValueError(self.name)

    def __repr__(self):
        return f"Fragile({self.name!r})"


def test_in_call():
    fragile = Fragile("call")
    del fragile


def test_next_to_it():
    pass


def test_two_in_call():
    Fragile("first")
    Fragile("second")


def test_in_call_that_fails():
    Fragile("before the failure")
    assert 1 == 2


@pytest.fixture
def fragile_setup():
    Fragile("set-up")
    yield
    Fragile("tear-down")


def test_in_fixture(fragile_setup):
    pass


def test_in_fixture_and_fails(fragile_setup):
    assert 0


@pytest.fixture
def held():
    return Fragile("given up after the tear-down")


def test_fixture_value(held):
    pass


def test_cycle_that_the_test_collects():
    fragile = Fragile("cycle")
    fragile.self = fragile
    del fragile
    gc.collect()


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_marked_as_error():
    Fragile("marked")


@pytest.mark.xfail(strict=True)
def test_expected_to_fail():
    Fragile("xfail")


def test_file_left_open(tmp_path):
    file = open(tmp_path / "file", "w")
    del file
