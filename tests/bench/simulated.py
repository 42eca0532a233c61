#!/usr/bin/env python3
"""Stands in for a Python with pytest: a fork server and workers that speak the wire's language and run nothing.

What trun's engine costs at a million tests is seen apart from what pytest and the tests cost: the engine is the real one, its
workers collect from numbers and pass each test in about a microsecond. Started by trun (``--python``) as an interpreter would be;
SIMULATED_TESTS says how many tests a file has, SIMULATED_FAILURES that each so many-th fails.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections import deque
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2] / "plugins" / "python" / "trun_worker"
TESTS = int(os.environ.get("SIMULATED_TESTS", "20"))
FAILURES = int(os.environ.get("SIMULATED_FAILURES", "1000"))
NAME = "test_case_with_a_name_of_usual_length"


def load(name: str) -> Any:
    """A module of the worker package, without what the package's own start would do."""
    if "trun_worker" not in sys.modules:
        package = ModuleType("trun_worker")
        package.__path__ = [str(PACKAGE)]
        sys.modules["trun_worker"] = package
    return importlib.import_module(f"trun_worker.{name}")


def configured(hello: dict[str, Any]) -> dict[str, Any]:
    ini = {"python_files": ["test_*.py"], "norecursedirs": [], "python_functions": ["test"], "python_classes": ["Test"]}
    junit = {
        "junit_suite_name": "pytest",
        "junit_family": "xunit2",
        "junit_logging": "no",
        "junit_duration_report": "total",
    }
    options = {
        "verbose": 0,
        "reportchars": "",
        "tbstyle": "auto",
        "xfail_tb": False,
        "durations": None,
        "durations_min": None,
        "color": "no",
        "capture": "fd",
        "maxfail": 0,
        "showcapture": "all",
        "no_header": False,
        "no_terminal": False,
        "no_summary": False,
        "disable_warnings": False,
        "continue_on_collection_errors": False,
        "xmlpath": None,
        "junitprefix": "",
        "max_warnings": None,
        "cache": True,
        "keyword": "",
        "markexpr": "",
        "importmode": "prepend",
        "ignore": [],
        "ignore_glob": [],
        "fold_skipped": True,
        "force_short_summary": False,
    }
    lists = (
        "header",
        "xdist",
        "hooks",
        "conftests",
        "against_sharded",
        "against_once",
        "against_fast_lane",
        "solo",
        "host",
    )
    return {
        "t": "configured",
        "version": hello["version"],
        "pytest": "9.2.0",
        "python": "3.11.0",
        "executable": sys.executable,
        "rootdir": hello["cwd"],
        "inipath": None,
        "invocation_dir": hello["cwd"],
        "args": [hello["cwd"]],
        "args_source": "INVOCATION_DIR",
        "auto_workers": None,
        "ini": ini
        | junit
        | {"junit_log_passing_tests": True, "cache_dir": ".pytest_cache", "console_output_style": "progress"},
        "options": options,
        "twin": 0,
        "imports": 0,
        "bound": [],
        "bound_plugins": [],
        "worker_input": {},
        "timeout_plugin": False,
        "markers": [],
    } | {name: [] for name in lists}


def failure(ordinal: int, now: int) -> dict[str, Any]:
    report = {
        "when": "call",
        "outcome": "failed",
        "category": "failed",
        "letter": "F",
        "word": "FAILED",
        "duration": 1000,
        "longrepr": "    def test():\n>       assert 1 == 2\nE       assert 1 == 2\n" * 8,
        "longrepr_color": "",
        "head_line": NAME,
        "crash": ["test_a.py", 3, "assert 1 == 2"],
        "exception": "AssertionError",
    }
    frame = {"t": "result", "ordinal": ordinal, "nodeid": "", "reports": [report], "leaks": []}
    return frame | {"started": now, "setup": 0, "call": 1000, "teardown": 0}


class Worker:
    def __init__(self, channel: Any, page: Any) -> None:
        self.channel, self.page = channel, page
        self.items: deque[None] = deque()
        self.ordinal = 0
        self.low, self.end, self.asked = 0, False, False

    def collect(self, start: dict[str, Any], root: str) -> None:
        self.channel.send({"t": "ready", "hooks": [], "against_sharded": [], "info": ""})
        slot, skip = start["slot"], len(root) + 1
        shard = start["shard"]
        owned = shard["only"] or [path for path, owner in shard["owner"].items() if owner == slot]
        items = [[f"{path[skip:]}::{NAME}[{i}]", -1, ""] for path in sorted(owned) for i in range(TESTS)]
        frame: dict[str, Any] = {"t": "collected", "items": items, "deselected": 0, "reports": [], "testsfailed": 0}
        frame |= {"stopped": None, "fast": 0, "against_sharded": [], "lane": [], "bound": []}
        frame |= {"timeouts": [], "default_timeout": None, "demands": [], "marks": []}
        self.channel.send(frame)

    def run(self) -> int:
        while True:
            frame = self.channel.receive()
            if frame["t"] == "assign":
                self.items.extend([None] * len(frame["items"]))
                self.low, self.end, self.asked = frame["low"], frame["end"], False
                self.pass_what_may_run()
            elif frame["t"] == "finish":
                self.channel.send({"t": "done", "exit": 0, "workeroutput": "", "written": True})
                return 0

    def pass_what_may_run(self) -> None:
        while len(self.items) > (0 if self.end else 1):
            if len(self.items) <= self.low and not self.asked and not self.end:
                self.ask()
                if self.channel.pending():
                    return
            while self.page.ring_full():
                self.ask()
                time.sleep(0.001)
            self.items.popleft()
            now = time.perf_counter_ns()
            if FAILURES and (self.ordinal + 1) % FAILURES == 0:
                self.channel.send(failure(self.ordinal, now))
            else:
                self.page.record(self.ordinal, now, 100, 1000, 100)
            self.ordinal += 1
        if not self.asked and not (self.end and self.items):
            self.ask()

    def ask(self) -> None:
        self.asked = True
        self.channel.send({"t": "need", "ordinal": self.ordinal})


def be_worker(fds: list[int], root: str) -> int:
    wire, pages = load("wire.channel"), load("wire.status_page")
    os.setsid()
    for fd in fds[2:]:
        os.close(fd)
    channel = wire.Channel(fds[0])
    start = channel.receive()
    worker = Worker(channel, pages.StatusPage(fds[1]))
    worker.collect(start, root)
    return worker.run()


def main() -> int:
    wire, process = load("wire.channel"), load("system.process")
    channel = wire.Channel(int(sys.argv[2]))
    hello = channel.receive()
    for fd in channel.take_fds(1 if hello["twin"] else 0):
        os.close(fd)
    channel.send(configured(hello))
    while True:
        try:
            frame = channel.receive()
        except wire.Disconnected:
            return 0
        if frame["t"] == "fork":
            fds = channel.take_fds(frame["fds"])
            pid = process.fork_to_engine()
            if pid == 0:
                channel.close()
                return be_worker(fds, hello["cwd"])
            for fd in fds:
                os.close(fd)
            channel.send({"t": "forked", "request": frame["request"], "pid": pid})
        elif frame["t"] == "save_cache":
            channel.send({"t": "cache_saved", "error": None})
        elif frame["t"] == "make_basetemp":
            channel.send({"t": "basetemp", "path": None})
        elif frame["t"] == "exit":
            return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)
