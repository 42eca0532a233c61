"""Frames of trun between pytest and a test, of which no traceback is to speak."""

from __future__ import annotations

from types import FrameType, FunctionType
from typing import TypeVar

F = TypeVar("F")

_FILE = "<trun>"


def unseen(function: F) -> F:
    """Let pytest pass over the function's frames, as over those of generated code, when it looks for the user's.

    Where it finds none it shows all but those with a local ``__tracebackhide__``, which the function must have.
    """
    assert isinstance(function, FunctionType)
    function.__code__ = function.__code__.replace(co_filename=_FILE)
    return function


def is_unseen(frame: FrameType) -> bool:
    return frame.f_code.co_filename == _FILE
