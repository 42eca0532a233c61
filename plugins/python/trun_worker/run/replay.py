"""A phase of the fast lane once more, through pytest's dispatch: for a failure whose traceback has no frame but the runner's.

pytest shows such a traceback whole, with its own frames. So it is made again where those frames are: pytest runs the phase, and
in place of the work stands how the work ended.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any

from trun_worker.run.tracebacks import unseen

if TYPE_CHECKING:
    from trun_worker.run.pytest_internals import PytestInternals


def shows_only_the_runner(excinfo: Any, is_beyond_pytest: Callable[[Any], bool]) -> bool:
    """Whether no frame is the user's or another plugin's."""
    return not any(is_beyond_pytest(entry) for entry in reversed(excinfo.traceback))


def below(trace: TracebackType | None, code: CodeType) -> TracebackType | None:
    """The part of a traceback that begins under the frame of ``code``."""
    while trace is not None and trace.tb_frame.f_code is not code:
        trace = trace.tb_next
    return None if trace is None else trace.tb_next


def replay(
    item: Any,
    when: Any,
    error: BaseException | None,
    trace: TracebackType | None,
    parts: PytestInternals,
    **kwds: Any,
) -> Any:
    """pytest's report of a phase that ended with ``error``, or without one; it is logged as always."""
    state, attributes = item.session._setupstate, dict(vars(item))

    def restore() -> None:
        item.session._setupstate = state
        vars(item).pop("runtest", None)
        if "runtest" in attributes:
            item.runtest = attributes["runtest"]

    @unseen
    def ended(*_: Any) -> None:
        __tracebackhide__ = True
        restore()
        if parts.strays is not None:
            parts.strays.again()
        if error is not None:
            raise error.with_traceback(trace)

    if when == "call":
        item.runtest = ended
    else:
        item.session._setupstate = _StandIn(ended)
    try:
        return parts.call_and_report(item, when, **kwds)
    finally:
        restore()


class _StandIn:
    """For pytest's ``SetupState``: set-up and teardown have been done."""

    def __init__(self, ended: Callable[..., None]) -> None:
        self.setup = self.teardown_exact = ended
