"""``item.location`` of functions, without a look at the disk for each.

pytest asks for each function whether the file of its code exists. One answer per file is enough: items whose location can only
differ in line and name get theirs from what pytest has said of the first.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

import pytest

#: Attributes of a function that lead pytest to another one (``_pytest.compat.get_real_func``, ``getfslineno``).
_LEADS_AWAY = ("__wrapped__", "__pytest_wrapped__", "place_as")


def line_number(number: Any, none: int) -> int:
    """``none`` for what is no line number: a plugin's items and reports may have none, or any idea of one."""
    return int(number) if isinstance(number, int) and 0 <= number < 1 << 31 else none


class Locations:
    """Of one session."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}

    def find(self, item: Any) -> None:
        """Have ``item.location`` known, if it is one whose location pytest would take from its function."""
        kind = type(item)
        if "location" in item.__dict__ or kind.location is not pytest.Item.location:
            return
        if kind.reportinfo is not pytest.Function.reportinfo:
            return
        function = getattr(item.obj, "__func__", item.obj)
        if type(function) is not FunctionType or any(name in function.__dict__ for name in _LEADS_AWAY):
            return
        code = function.__code__
        file = self._files.get(code.co_filename)
        if file is None:
            self._files[code.co_filename] = item.location[0]
        else:
            item.__dict__["location"] = (file, code.co_firstlineno - 1, item.getmodpath())
