"""Which test pytest is told comes next, and what becomes of fixtures when another one comes after all.

The engine closes a queue where tests that hold resources begin or end: they are not handed out before their resources are
there. What is likely to follow is named all the same (``assign.next``), so that wider fixtures are not torn down for nothing.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pytest

    from trun_worker.collection.inventory import Inventory
    from trun_worker.wire.channel import Frame


class NextItem:
    """One per run loop. ``inventory`` knows the items by their node ids."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._likely: pytest.Item | None = None
        self._told: pytest.Item | None = None
        #: The item at work comes where another one was expected: it is to settle that in its set-up.
        self.surprised = False

    def assigned(self, frame: Frame) -> None:
        """Take note of what an ``assign`` frame says of the time behind its items."""
        nodeid = frame.get("next")
        self._likely = None if nodeid is None else self._inventory.find(nodeid)

    def follow(self, item: pytest.Item, queue: deque[pytest.Item], otherwise: Any = None) -> Any:
        """``item`` runs next, with ``queue`` behind it; ``surprised`` is about it from now on.

        Returns its ``nextitem``, ``otherwise`` if nothing is known to follow.
        """
        self.surprised = self._told is not None and self._told is not item
        self._told = queue[0] if queue else self._likely
        return otherwise if self._told is None else self._told

    def settle(self, item: pytest.Item) -> None:
        """Tear down what only the expected item needed. A part of the set-up of ``item``, whose failure it is then."""
        if self.surprised:
            self.surprised = False
            state: Any = item.session._setupstate
            state.teardown_exact(item)
