"""Which tests have started what a process waits for before it ends: threads that are no daemons, atexit handlers.

Counted after each test; who they are is looked at only where the numbers have changed.
"""

from __future__ import annotations

import atexit
import threading
from collections import deque
from typing import Any

_threading: Any = threading
_active = _threading._active
_enumerate = threading.enumerate
#: Of tests that have registered handlers.
_NAMED = 5
_handlers = getattr(atexit, "_ncallbacks", lambda: 0)


class Starters:
    """Of the process that this is by now; made before its first test."""

    def __init__(self) -> None:
        self._count = len(_active)
        self._registered = _handlers()
        self._known = {thread.ident for thread in _enumerate()}
        #: By the thread's number.
        self._started_in: dict[int | None, str] = {}
        #: Tests that have registered atexit handlers, the last of them: these handlers run first.
        self.registered_in: deque[str] = deque(maxlen=_NAMED)

    def after(self, nodeid: str) -> None:
        """A test is over. About 0.2 µs where it has started nothing."""
        if len(_active) != self._count:
            self._count = len(_active)
            for thread in _enumerate():
                if thread.ident not in self._known:
                    self._known.add(thread.ident)
                    self._started_in[thread.ident] = nodeid
        registered = _handlers()
        if registered > self._registered:
            self.registered_in.append(nodeid)
        self._registered = registered

    def awaited(self) -> list[str]:
        """Threads that the interpreter waits for before it exits, by name and by the test that started them."""
        own = threading.current_thread()
        threads = [thread for thread in _enumerate() if not thread.daemon and thread is not own]
        return [thread.name + self._started(thread.ident) for thread in threads]

    def _started(self, ident: int | None) -> str:
        nodeid = self._started_in.get(ident)
        return "" if nodeid is None else f" (started in {nodeid})"
