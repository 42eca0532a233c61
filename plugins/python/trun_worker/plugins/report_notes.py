"""What plugins note about a report beside it, in a table of their module, where a report that crosses loses it.

pytest-bdd's reports (cucumber JSON, gherkin) are made of such notes; under xdist they are empty.
"""

from __future__ import annotations

import sys
from typing import Any

#: Module, its table by report, the class of what is noted there.
_TABLES = (("pytest_bdd.reporting", "test_report_context_registry", "ReportContext"),)


def take(report: object) -> list[tuple[int, dict[str, Any]]]:
    """What is noted about ``report``: which table, and the fields."""
    found = []
    for number, (module, name, _) in enumerate(_TABLES):
        table: Any = getattr(sys.modules.get(module), name, None)
        note = table.get(report) if table else None
        if note is not None:
            found.append((number, dict(vars(note))))
    return found


def restore(report: object, notes: list[tuple[int, dict[str, Any]]]) -> None:
    """The same about the report as it arrived."""
    for number, fields in notes:
        module, name, kind = _TABLES[number]
        owner: Any = sys.modules.get(module)
        if owner is not None:
            getattr(owner, name)[report] = getattr(owner, kind)(**fields)
