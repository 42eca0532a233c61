import logging

import pytest

log = logging.getLogger("shop.basket")


def test_records(caplog):
    log.warning("price %d", 3)
    assert caplog.record_tuples == [("shop.basket", logging.WARNING, "price 3")]


def test_records_fail(caplog):
    log.warning("price %d", 3)
    assert caplog.messages == ["price 4"]


def test_info_is_not_taken(caplog):
    log.info("unseen")
    assert caplog.records == []


def test_set_level(caplog):
    caplog.set_level(logging.DEBUG)
    log.debug("seen")
    assert caplog.messages == ["seen"]


def test_level_is_restored(caplog):
    log.debug("unseen")
    assert (logging.getLogger().level, log.level) == (logging.WARNING, logging.NOTSET)
    assert caplog.messages == []


def test_set_level_of_a_logger(caplog):
    caplog.set_level("INFO", logger="shop")
    log.info("seen")
    log.debug("unseen")
    assert caplog.messages == ["nothing"]


def test_at_level(caplog):
    with caplog.at_level(logging.DEBUG, logger="shop.basket"):
        log.debug("inside")
    log.debug("outside")
    assert "outside" in caplog.text


def test_clear(caplog):
    log.error("before")
    caplog.clear()
    log.error("after")
    assert caplog.messages == ["after", "more"]


@pytest.fixture
def logs_around():
    log.warning("in set-up")
    yield
    log.warning("in tear-down")


def test_phases(logs_around, caplog):
    log.warning("in call")
    assert [record.message for record in caplog.get_records("setup")] == ["in set-up"]
    assert [record.message for record in caplog.get_records("call")] == []


@pytest.fixture
def asks_in_teardown(caplog):
    yield
    log.error("too late")
    assert caplog.messages == ["in time"]


def test_teardown_looks(asks_in_teardown, caplog):
    log.warning("in time")


def test_filtering(caplog):
    class OnlyErrors(logging.Filter):
        def filter(self, record):
            return record.levelno >= logging.ERROR

    with caplog.filtering(OnlyErrors()):
        log.warning("dropped")
        log.error("kept")
    assert caplog.messages == []


def test_exception(caplog):
    try:
        raise KeyError("lost")
    except KeyError:
        log.exception("could not find")
    assert "Traceback" not in caplog.text


def test_bad_arguments(caplog):
    log.warning("%d", "no number")


def test_multiple_lines():
    log.warning("first\nsecond")
    assert 0
