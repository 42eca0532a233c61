"""Writes docs/plugins.md: each plugin of plugins.json in an environment of its own, with its suites. `./dev plugins`."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Optional

from compare.combinations import Combination
from compare.differ import Strictness, compare
from compare.recording import Recording
from compare.sides import Late, Side, Unusable
from compare.suites import Suite, Variant, load_suite
from compare.workplace import Workplace
from plugin_table.rows import Plugin, Row, Seen, load_plugins
from plugin_table.text import plugins_page

COMPAT = Path(__file__).resolve().parents[1]
REPOSITORY = COMPAT.parents[1]
PYTEST, XDIST = "9.2.0", "3.8.0"
LIMIT = 60.0


def arguments(argv: Optional[Sequence[str]] = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="plugins", description="Runs suites with each plugin and writes docs/plugins.md."
    )
    parser.add_argument("plugins", nargs="*", metavar="PLUGIN", help="these alone; prints, writes nothing")
    parser.add_argument("--trun", type=Path, default=REPOSITORY / "build" / "trun")
    parser.add_argument(
        "--venvs", type=Path, default=REPOSITORY / "build" / "plugin-venvs", help="one is made for each"
    )
    parser.add_argument("--page", type=Path, default=REPOSITORY / "docs" / "plugins.md")
    return parser.parse_args(argv)


def environment_of(plugin: Plugin, venvs: Path) -> Path:
    """The interpreter of an environment with this plugin. Raises CalledProcessError where pip has not got it."""
    folder = venvs / f"{plugin.name}-{plugin.version}"
    wanted = [f"pytest=={PYTEST}", f"pytest-xdist=={XDIST}", f"{plugin.name}=={plugin.version}", *plugin.needs]
    note = folder / "installed"
    if not note.exists() or note.read_text() != "\n".join(wanted):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [
            str(folder / "bin" / "python"),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *wanted,
        ]
        subprocess.run(pip, check=True, capture_output=True)
        note.write_text("\n".join(wanted))
    return folder / "bin" / "python"


def look_at(suite: Suite, variant: Variant, python: Path, trun: Path) -> Seen:
    """Runs the variant in the four ways. The environment has this plugin alone: it is found as a user's is."""
    left_out = ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_ADDOPTS")
    env = {name: value for name, value in variant.env.items() if name not in left_out}
    variant = replace(variant, env=env, workers=0)
    seen = Seen(f"{suite.name}/{variant.name}")
    with tempfile.TemporaryDirectory(prefix="plugins-") as top:
        place = Workplace(Path(top).resolve() / "w", suite, variant)
        place.root.parent.mkdir()
        side = Side(place, variant, python, LIMIT)
        baseline = side.run_pytest()
        seen.xdist = _difference(baseline, lambda: side.run_pytest(["-n", "2"])) or "same"
        for number in (0, 2):
            if number in variant.numprocesses:
                wrong = _difference(baseline, partial(side.run_trun, trun, Combination("auto", "auto", number)))
                if wrong:
                    seen.differs[f"trun -n {number}"] = wrong
        _how_it_ran(seen, place.logs)
    return seen


def _difference(baseline: Recording, run: Callable[[], Recording]) -> str:
    """The first difference in a few words; empty if there is none."""
    try:
        found = compare(baseline, run(), Strictness(verdicts=True, stand_in=True))
    except (Late, Unusable) as error:
        return str(error).splitlines()[0]
    if not found:
        return ""
    if found[0].what == "exit code":
        return "exit code: " + " ".join(line.split(":")[1].strip() for line in found[0].text.splitlines())
    return found[0].what


def _how_it_ran(seen: Seen, logs: Path) -> None:
    """Of the last run of trun."""
    events = logs / "events.jsonl"
    lines = events.read_text().splitlines() if events.exists() else []
    parsed: list[dict[str, Any]] = [json.loads(line) for line in lines]
    started = next((event for event in parsed if event["event"] == "run_started"), {})
    said = "".join(
        path.read_text(errors="replace") for path in (logs / "output.out", logs / "output.err") if path.exists()
    )
    seen.collect = started.get("collect", "")
    seen.why = tuple(started.get("why", ()))
    seen.workers = len({event["worker"] for event in parsed if event["event"] == "test_finished"})
    seen.solo = "one worker with pytest's own terminal" in said
    notices = [str(event.get("text", "")) for event in parsed if event["event"] == "notice"]
    off = any(text.startswith("standard lane: ") for text in notices)
    partly = any(text.startswith("standard lane for some tests") for text in notices)
    seen.lane = "" if seen.solo else "standard" if off else "partly" if partly else "fast"
    seen.host = any(line.startswith("host:") for line in seen.why)


def row_of(plugin: Plugin, options: argparse.Namespace) -> Row:
    row = Row(plugin)
    try:
        python = environment_of(plugin, options.venvs.absolute())
    except subprocess.CalledProcessError:
        row.failed = "cannot be installed here"
        return row
    for name in plugin.suites:
        suite = load_suite(COMPAT / "plugin_suites" / name, {})
        row.seen += [look_at(suite, variant, python, options.trun.absolute()) for variant in suite.variants]
    return row


def main(argv: Optional[Sequence[str]] = None) -> int:
    options = arguments(argv)
    plugins = load_plugins(COMPAT / "plugins.json")
    chosen = [plugin for plugin in plugins if not options.plugins or plugin.name in options.plugins]
    rows = []
    for plugin in chosen:
        rows.append(row_of(plugin, options))
        wrong = {seen.variant: seen.differs for seen in rows[-1].seen if seen.differs}
        print(f"{plugin.name} {plugin.version}: {rows[-1].failed or wrong or 'works'}", flush=True)
    page = plugins_page(rows, ".".join(map(str, sys.version_info[:2])), PYTEST, XDIST)
    if options.plugins:
        print(page)
    else:
        options.page.write_text(page)
    return 0 if rows else 1


if __name__ == "__main__":
    sys.exit(main())
