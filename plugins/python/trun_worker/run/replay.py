"""A phase of the fast lane once more, through pytest's dispatch: for a failure that is shown with frames of pytest's runner.

pytest shows a traceback whole that has no other frame, and every one under ``--tb=native``. So it is made again where those
frames are: pytest runs the phase, and in place of the work stands how the work ended.
"""

from __future__ import annotations

from collections.abc import Callable
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any

from trun_worker.run.tracebacks import is_unseen, unseen

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
    render = item._repr_failure_py

    def restore(name: str) -> None:
        vars(item).pop(name, None)
        if name in attributes:
            setattr(item, name, attributes[name])

    def restore_work() -> None:
        item.session._setupstate = state
        restore("runtest")

    def rendered(excinfo: Any, *args: Any, **kwds: Any) -> Any:
        _take_out_unseen(excinfo.tb)
        return render(excinfo, *args, **kwds)

    @unseen
    def ended(*_: Any) -> None:
        __tracebackhide__ = True
        restore_work()
        if parts.strays is not None:
            parts.strays.again()
        if error is not None:
            raise error.with_traceback(trace)

    if when == "call":
        item.runtest = ended
    else:
        item.session._setupstate = _StandIn(ended)
    item._repr_failure_py = rendered
    try:
        return parts.call_and_report(item, when, **kwds)
    finally:
        restore_work()
        restore("_repr_failure_py")


def _take_out_unseen(trace: TracebackType | None) -> None:
    """``--tb=native`` passes over no frame: those of trun are taken out of the traceback itself."""
    while trace is not None:
        while trace.tb_next is not None and is_unseen(trace.tb_next.tb_frame):
            trace.tb_next = trace.tb_next.tb_next
        trace = trace.tb_next


class _StandIn:
    """For pytest's ``SetupState``: set-up and teardown have been done."""

    def __init__(self, ended: Callable[..., None]) -> None:
        self.setup = self.teardown_exact = ended
