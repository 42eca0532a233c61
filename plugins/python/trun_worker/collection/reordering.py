"""pytest's grouping of tests by their parameters of wider scope, left out where no test has any: it keeps the order then, and
takes one twenty-fifth of a worker's time to find that out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from _pytest import fixtures
from _pytest.scope import Scope


def install() -> bool:
    """Look before pytest's ``reorder_items``. False, and nothing done, where somebody has replaced it."""
    patched: Any = fixtures
    original = getattr(patched, "reorder_items", None)
    if getattr(original, "__module__", "") != fixtures.__name__:
        return False

    def reorder_items(items: Sequence[pytest.Item]) -> list[pytest.Item]:
        __tracebackhide__ = True
        return list(items) if keeps_order(items) else original(items)  # type: ignore[misc]

    patched.reorder_items = reorder_items
    return True


def keeps_order(items: Sequence[Any]) -> bool:
    """Whether no item is there twice, and none has a parameter of a wider scope than the test itself."""
    try:
        callspecs = [item.callspec for item in items if hasattr(item, "callspec")]
        scopes = {scope for callspec in callspecs for scope in callspec._arg2scope.values()}
    except AttributeError:  # of another shape: pytest knows
        return False
    return scopes <= {Scope.Function} and len(set(items)) == len(items)
