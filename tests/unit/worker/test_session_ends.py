"""What the engine is told of an exception that has ended a session: a line, the place, and all of it."""

import pytest

from trun_worker.reports import session_ends
from trun_worker.reports.cutting import Cutter


def told(function):
    with pytest.raises(Exception) as excinfo:
        function()
    return session_ends.internal_error("the traceback", excinfo, Cutter(0))


def test_the_reason_is_the_first_line_of_a_message():
    def fails():
        raise ValueError("no database\n  for me")

    assert told(fails) == {
        "reason": "ValueError: no database",
        "where": f"{__file__}:{fails.__code__.co_firstlineno + 1}",
        "traceback": "the traceback",
    }


def test_of_a_syntax_error_it_is_the_exception_not_the_place():
    assert told(lambda: compile("x = (", "a.py", "exec"))["reason"].startswith("SyntaxError: ")


def test_without_a_message_it_is_the_type():
    def fails():
        raise KeyError

    assert told(fails)["reason"] == "KeyError"
