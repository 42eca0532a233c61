"""The tests that every folder has."""

import logging
import warnings

import pytest


@pytest.fixture
def thing(request):
    print("set up")
    yield 1
    print("torn down")


@pytest.fixture
def bad_start():
    raise ValueError("no start")


@pytest.fixture
def bad_end():
    yield
    raise ValueError("no end")


@pytest.fixture
def loud():
    logging.getLogger("tests").warning("at set-up")


def test_records_of_phases(loud, caplog):
    logging.getLogger("tests").warning("called")
    assert "at set-up" in [record.getMessage() for record in caplog.get_records("setup")]
    assert "called" in [record.getMessage() for record in caplog.get_records("call")]


def test_passes():
    pass


def test_passes_too(thing):
    print("called")
    assert thing == 1


def test_fails(thing):
    logging.getLogger("tests").error("logged")
    assert thing == 2


def test_skips():
    pytest.skip("not today")


def test_never_starts(bad_start):
    pass


def test_ends_badly(bad_end):
    pass


def test_warns():
    warnings.warn("of old", DeprecationWarning, stacklevel=1)


@pytest.mark.parametrize("number", [1, 2])
def test_numbers(number, thing):
    assert number == 1


@pytest.mark.xfail(reason="known")
def test_known(thing):
    assert thing == 2


def test_is_imperative(request):
    pytest.xfail("by hand")


def test_is_marked_late(request):
    request.applymarker(pytest.mark.xfail(reason="late"))
    assert 0


def test_last():
    pass
