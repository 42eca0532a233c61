"""Coverage in forked processes: which measurement goes on in whom, and what of it a killed worker leaves behind.

The fork server measures from the moment on when pytest-cov is loaded, so that initial conftests count: that measurement is the
host's. A worker has one of its own from its session start on. Everything here is coverage.py's, reached through what is loaded
already; where its insides are of another shape, nothing is done.
"""

from __future__ import annotations

import itertools
import marshal
import operator
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from trun_worker.kernel import KERNEL

if TYPE_CHECKING:
    from _pytest.config import Config

    from trun_worker.wire.channel import Frame


def _running() -> list[Any]:
    """The measurements that have been started, the current one last."""
    control = sys.modules.get("coverage.control")
    return list(getattr(getattr(control, "Coverage", None), "_instances", ()))


@contextmanager
def keeping_data(options: Any) -> Generator[None]:
    """Around the loading of plugins in a fresh worker. pytest-cov erases then what an earlier run has left, and would find there
    what other workers of this one have."""
    wanted = getattr(options, "cov_append", None)
    if wanted is None:
        yield
        return
    options.cov_append = True
    try:
        yield
    finally:
        options.cov_append = wanted


class InheritedCoverage:
    """What is measured when a process is forked. coverage.py's ``patch = fork`` starts another one in the child, which is for
    children that user code forks."""

    def __init__(self) -> None:
        self._before = _running()

    def go_on(self) -> None:
        """In pytest itself (-n 0), and in what a collector has forked: the measurement from there goes on, and no other."""
        self._stop([each for each in _running() if each not in self._before])
        for each in self._before:
            if not getattr(each, "_started", True):
                each.start()

    def end(self) -> None:
        """In a worker: what it has from the server is not its own."""
        self._stop(_running())

    def rest(self) -> None:
        """In the server that was left behind: what is measured goes on in its own forks."""
        self._stop(_running(), for_good=False)

    def _stop(self, measurements: list[Any], for_good: bool = True) -> None:
        for each in reversed(measurements):
            each._auto_save = each._auto_save and not for_good
            try:
                each.stop()
            except (
                AssertionError
            ):  # it is stopped in an order that coverage.py did not expect: nothing is measured any more
                each._started = False


class CoverageJournal:
    """Keeps what tests have newly covered once they are over, so that it survives SIGKILL. After the first tests hardly any
    covers something new.

    It goes to a file of its own, from which the host takes it if the worker dies (``adopt``). Where there is none, and where
    contexts are measured, which are known here alone, it is written into the worker's data file, which whoever combines the
    data finds; that takes a hundred times as long.
    """

    def __init__(self) -> None:
        self._path: str | None = None
        self._collector: Any = None
        self._lines: dict[str, Any] = {}
        self._known: dict[str, Any] = {}
        self._sizes: list[int] = []

    def begin(self, config: Config, folder: str, start: Frame) -> None:
        """Tests are about to begin: what is measured in this process by now is kept. ``folder``: of journals; "": none."""
        collector = self._collector = _collector()
        if collector is None:
            return
        self._lines = collector.data
        combined = config.pluginmanager.hasplugin("_cov") and not config.pluginmanager.hasplugin("_cov_contexts")
        if combined and not getattr(collector, "should_start_context", None):
            self._path = _path(folder, start["slot"], start["attempt"])

    def note(self) -> None:
        """A test is over."""
        if self._collector is None:
            return
        # Hundreds of files, looked at after each test: without a line of Python for each.
        sizes = list(map(len, list(self._lines.values())))
        if sizes != self._sizes:
            self._sizes, before = sizes, self._sizes
            grown = map(operator.ne, sizes, before + [0] * (len(sizes) - len(before)))
            self._keep(
                {name: self._new(name, found) for name, found in itertools.compress(list(self._lines.items()), grown)}
            )

    def _new(self, name: str, found: Any) -> Any:
        now = found.copy()
        new, self._known[name] = now - self._known.get(name, set()), now
        return new

    def _keep(self, new: dict[str, Any]) -> None:
        if self._path is not None:
            tracers = self._collector.file_tracers
            entry = marshal.dumps((new, {name: tracers[name] for name in new if name in tracers}))
            try:
                KERNEL.append(self._path, entry)
                return
            except OSError:  # a full disk, or a test has removed the folder
                self._path = None
        self._write(new)

    def _write(self, new: dict[str, Any]) -> None:
        collector = self._collector
        try:
            collector.data = new
            collector.flush_data()
        except Exception:  # as above: the session's end will tell
            self._collector = None
        finally:
            collector.data = self._lines


def _collector() -> Any:
    """What gathers the lines of the current measurement, if it is of the shape that this module knows."""
    running = _running()
    collector = getattr(running[-1], "_collector", None) if running else None
    known = isinstance(getattr(collector, "data", None), dict) and hasattr(collector, "flush_data")
    return collector if known and hasattr(collector, "file_tracers") else None


def _path(folder: str, slot: int, attempt: int) -> str | None:
    """Of the journal of one worker."""
    return os.path.join(folder, f"covered-{slot}-{attempt}") if folder else None


def adopt(folder: str, slot: int, attempt: int, saved: bool) -> None:
    """In the host: that worker has ended. Unless it has ``saved`` its data, what it had covered counts as covered here."""
    path = _path(folder, slot, attempt)
    if path is None or not os.path.exists(path):
        return
    collector = _collector()
    if not saved and collector is not None:
        with open(path, "rb") as file, suppress(EOFError):  # at the end, or in an entry that is not whole
            while True:
                new, tracers = marshal.load(file)
                collector.file_tracers.update(tracers)
                for name, found in new.items():
                    collector.data.setdefault(name, set()).update(found)
    os.unlink(path)
