"""docs/plugins.md as a function of what was seen. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from plugin_table.rows import Row, Seen

HEAD = """# Plugins

Made by `./dev plugins` from runs of small suites (tests/compat/plugin_suites): each plugin in an environment of its own, under
pytest, `pytest -n 2`, `trun -n 0` and `trun -n 2`. *Works* means: the same verdicts and exit code as under pytest, and the same
reports, files and lines that the plugin adds. Python {python}, pytest {pytest}, pytest-xdist {xdist}.

*How* is what `trun -n 2` does where nobody says how: who collects (docs/architecture.md), how many workers ran tests, and whether
the plugin host or one process with pytest's own terminal (solo) was wanted.

*Lane*: *fast*, or *partly* where some of the suite's tests went through the standard lane. In the suite *plain* the plugin has
nothing to do with the tests.

| plugin | version | works | suite | how, with -n 2 | lane | pytest -n 2 | remark |
|---|---|---|---|---|---|---|---|
"""


def plugins_page(rows: Sequence[Row], python: str, pytest: str, xdist: str) -> str:
    head = HEAD.format(python=python, pytest=pytest, xdist=xdist)
    return head + "".join(_row(row) for row in sorted(rows, key=lambda row: row.plugin.name.lower()))


def _row(row: Row) -> str:
    plugin = row.plugin
    if row.failed:
        return _line(plugin.name, plugin.version, "not tested", "", "", "", "", row.failed)
    lines = []
    for seen in row.seen:
        remark = "; ".join(
            [*(f"{run}: {what}" for run, what in seen.differs.items()), *([plugin.note] if plugin.note else [])]
        )
        lines.append(
            _line(plugin.name, plugin.version, _works(seen), seen.variant, _how(seen), seen.lane, seen.xdist, remark)
        )
    return "".join(lines)


def _works(seen: Seen) -> str:
    wrong = [run for run in seen.differs if run.startswith("trun")]
    if not wrong:
        return "yes"
    return "no" if len(wrong) > 1 else f"not {wrong[0].removeprefix('trun ')}"


def _how(seen: Seen) -> str:
    if seen.solo:
        return "solo"
    workers = "1 worker" if seen.workers == 1 else f"{seen.workers} workers"
    return ", ".join([seen.collect, workers, *(["host"] if seen.host else [])])


def _line(*cells: str) -> str:
    return "| " + " | ".join(" ".join(cell.replace("|", "/").split()) for cell in cells) + " |\n"
