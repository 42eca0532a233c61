"""Tests that leave logging as they should not: the next one must find what pytest lets it find."""
import io
import logging
import logging.config

import pytest

LOG = logging.getLogger("left")


def handlers():
    return [type(handler).__name__ for handler in logging.getLogger().handlers]


@pytest.fixture(scope="module")
def module_handler():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    yield stream
    logging.getLogger().removeHandler(handler)


def test_handlers():
    assert handlers() == ["none"]


def test_handler_of_a_module(module_handler):
    LOG.warning("to the module")
    assert handlers() == ["none"]


def test_handler_of_a_module_stays(module_handler):
    assert (handlers(), module_handler.getvalue()) == ()


def test_adds_a_handler():
    logging.getLogger().addHandler(logging.NullHandler())


def test_finds_the_handler():
    assert handlers() == ["none"]


def test_takes_all_handlers_away():
    logging.getLogger().handlers.clear()
    LOG.warning("to nobody")


def test_has_handlers_again(caplog):
    LOG.warning("to somebody")
    assert caplog.messages == ["to somebody"]
    assert handlers() == ["none"]


def test_basic_config():
    logging.basicConfig(level=logging.DEBUG, force=True, format="forced %(message)s")
    LOG.debug("after force")


def test_after_basic_config():
    LOG.debug("level has stayed")
    assert handlers() == ["none"]


def test_resets_the_level():
    logging.getLogger().setLevel(logging.WARNING)


def test_dict_config():
    logging.config.dictConfig({"version": 1, "root": {"level": "INFO", "handlers": []}, "disable_existing_loggers": True})
    LOG.info("disabled")


def test_after_dict_config(caplog):
    LOG.error("still disabled")
    logging.getLogger("fresh").info("new ones are not")
    assert (LOG.disabled, caplog.messages) == (False, [])


def test_enables_again():
    for logger in logging.getLogger().manager.loggerDict.values():
        logger.disabled = False
    logging.getLogger().setLevel(logging.WARNING)


def test_no_propagation():
    LOG.propagate = False
    LOG.warning("own handlers only")
    assert 0


def test_no_propagation_stays(caplog):
    LOG.warning("still own handlers only")
    assert caplog.messages == ["nothing"]


def test_propagates_again():
    LOG.propagate = True
    LOG.warning("up to the root")
    assert 0


def test_disables_everything():
    logging.disable(logging.CRITICAL)
    LOG.critical("silenced")


def test_everything_is_still_disabled(caplog):
    LOG.critical("silenced too")
    logging.disable(logging.NOTSET)
    LOG.critical("heard")
    assert caplog.messages == []


FORMATTERS = []


def test_changes_the_formatter(caplog):
    FORMATTERS.append(caplog.handler.formatter)
    caplog.handler.setFormatter(logging.Formatter("mine: %(message)s"))
    LOG.warning("text")
    assert caplog.text == "mine: text\n"


def test_formatter_afterwards(caplog):
    LOG.warning("text")
    text = caplog.text
    caplog.handler.setFormatter(FORMATTERS[0])
    assert text == ""


def test_handler_level(caplog):
    caplog.handler.setLevel(logging.ERROR)
    LOG.warning("below")
    assert caplog.messages == []


def test_handler_level_afterwards(caplog):
    LOG.warning("below?")
    caplog.handler.setLevel(logging.NOTSET)
    assert caplog.messages == ["below?"]
