"""What a worker asks the engine while it runs user code: a port, a fixture's value that another worker has made.

The engine answers when it can; until then this process waits, and its page says so, so that no time limit of a test counts
the wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trun_worker import page
from trun_worker.clock import CLOCK

if TYPE_CHECKING:
    from trun_worker.link import WorkerLink


def ask(link: WorkerLink, name: str, /, **args: Any) -> tuple[Any, list[int]]:
    """The answer's value, and the descriptors that came with it, which are the caller's.

    Raises ``wire.Refused`` with the engine's reason, ``wire.Disconnected`` when the engine is gone.
    """
    words = link.page.words
    ordinal = words[page.ORDINAL]
    if words[page.WAITED_FOR] != ordinal + 1:
        words[page.WAITED] = 0
        words[page.WAITED_FOR] = ordinal + 1
    began = words[page.WAITING] = CLOCK.nanoseconds()
    try:
        return link.channel.ask(name, args)
    finally:
        # For a moment it counts twice: the engine may think that less time has gone by, never more.
        words[page.WAITED] += CLOCK.nanoseconds() - began
        words[page.WAITING] = 0
