"""The result as text: every difference with both sides, then a table, then the closing line. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from compare.runner import Outcome, Row

#: More differences of one comparison than this are counted, not shown.
SHOWN = 12


def row_text(row: Row) -> str:
    """What is printed when a comparison has ended; empty for one that passed."""
    if not row.differences:
        return ""
    lines = [f"FAILED {row.task} [{row.against}]: {len(row.differences)} differences"]
    lines += [f"  {difference}" for difference in row.differences[:SHOWN]]
    if len(row.differences) > SHOWN:
        lines.append(f"  ... and {len(row.differences) - SHOWN} more")
    return "\n".join(lines)


def table_text(outcomes: Sequence[Outcome], skipped: Sequence[tuple[str, str]]) -> str:
    width = max([len(outcome.task) for outcome in outcomes] + [len(name) for name, _ in skipped] + [5])
    lines = [f"{'suite':{width}}  tests  passed  failed"]
    for outcome in sorted(outcomes, key=lambda outcome: outcome.task):
        bad = [row.against for row in outcome.rows if row.differences]
        good = len(outcome.rows) - len(bad)
        lines.append(f"{outcome.task:{width}}  {outcome.tests:5}  {good:6}  {len(bad):6}  {', '.join(bad)}".rstrip())
    lines += [f"{name:{width}}  skipped: {reason}" for name, reason in skipped]
    return "\n".join(lines)


def closing_text(outcomes: Sequence[Outcome], skipped: int) -> str:
    rows = [row for outcome in outcomes for row in outcome.rows]
    failed = sum(1 for row in rows if row.differences)
    text = f"{len(rows) - failed} passed, {failed} failed"
    return f"{text}, {skipped} skipped" if skipped else text
