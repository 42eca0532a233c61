"""What has ended a session before its time, as the engine is told of it: an interrupt, ``pytest.exit``, an internal error."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from trun_worker.reports.cutting import Cutter
    from trun_worker.wire.channel import Frame


def interrupted(excinfo: pytest.ExceptionInfo[BaseException], cutter: Cutter) -> Frame:
    """The frame ``stopped`` for what pytest calls a keyboard interrupt."""
    kind = "exit" if excinfo.typename == "Exit" else "interrupted"
    crash: Any = getattr(excinfo.getrepr(style="short"), "reprcrash", None)
    reason = str(crash.message) if crash is not None else excinfo.exconly()
    code = getattr(excinfo.value, "returncode", None)
    return {"t": "stopped", "kind": kind, "reason": cutter.cut(reason), "exit": 2 if code is None else int(code)}


def internal_error(excrepr: object, excinfo: pytest.ExceptionInfo[BaseException], cutter: Cutter) -> dict[str, str]:
    """The fields ``reason``, ``where`` and ``traceback``: the exception in a line, "path:line" that raised it, and all of it."""
    # A message may have several lines; before the exception of a SyntaxError stands where it is.
    lines = [line for line in excinfo.exconly().splitlines() if line.strip() and not line[0].isspace()]
    raised = traceback.extract_tb(excinfo.tb)[-1:]
    return {
        "reason": cutter.cut(lines[0] if lines else excinfo.typename),
        "where": "".join(f"{frame.filename}:{frame.lineno}" for frame in raised),
        "traceback": cutter.cut(str(excrepr)),
    }
