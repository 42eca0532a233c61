"""The pytest plugin of a worker: where pytest's session asks, and what it tells.

It narrows collection to the worker's files, hands the run loop its place, and passes on reports, warnings and endings.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from trun_worker.clock import CLOCK
from trun_worker.collection import argnames, limits, plain_functions, reordering
from trun_worker.collection.import_exits import ImportExits
from trun_worker.collection.others_imports import OthersImports
from trun_worker.collection.share import Share
from trun_worker.plugins import hooks, reasons
from trun_worker.reports import session_ends
from trun_worker.reports.cutting import Cutter
from trun_worker.reports.report import Renderer
from trun_worker.reports.xml_records import XmlStandIn
from trun_worker.run.run_loop import RunLoop
from trun_worker.run.streams import Nowhere
from trun_worker.system import garbage, process
from trun_worker.wire import status_page
from trun_worker.wire.wire_text import crossing, path_of
from trun_worker.worker import voice

if TYPE_CHECKING:
    import warnings

    from _pytest.config import Config
    from _pytest.reports import CollectReport, TestReport

    from trun_worker.observe.observer import Observer
    from trun_worker.run.run_loop import Facts
    from trun_worker.worker.link import WorkerLink


#: Collectors that import: test files, and folders with a conftest (before pytest 8 those were none).
_WITH_CONFTESTS = (pytest.File, getattr(pytest, "Directory", pytest.File))


class Deselected(NamedTuple):
    """What is left of an item in the terminal's ``stats``."""

    nodeid: str
    name: str


class WorkerPlugin:
    """Registered in the worker only, after the fork; what was recorded before (warnings) is replayed to it by pytest."""

    def __init__(
        self, config: Config, link: WorkerLink, observer: Observer, serve_collector: Callable[[Config], WorkerLink]
    ) -> None:
        """``serve_collector``: forks workers in a process that has collected for all; returns in one of them."""
        self._config = config
        self._observer = observer
        self._serve_collector = serve_collector
        self._attach(link)
        self._collect_reports: list[CollectReport] = []
        self._deselected = 0
        self._terminal: Any = None
        self._others: OthersImports | None = None
        self._garbage = garbage.CollectingPause()
        self._exits = ImportExits()

    def _attach(self, link: WorkerLink) -> None:
        self._link = link
        self._solo = link.start["terminal"] == "pytest"
        self._cutter = Cutter(int(link.start["section_limit"]))
        renderer = Renderer(self._config, int(link.start["columns"]), bool(link.start["color"]), self._cutter)
        renderer.network = link.start["separation"]["network"]
        self.loop = RunLoop(link, renderer, voice.of_worker(self._config, link))
        self._share = Share.of(link.start)
        self._broken = {path_of(path): why for path, why in link.start["broken"].items()}

    # -- start and end of the session

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self, session: pytest.Session) -> None:
        self._link.session = session
        self._silence_terminal()
        self._record_xml()
        if not self._solo:
            process.flush_before_capture(self._config)
            self._config.pluginmanager.register(self._exits, "trun-import-exits")
        late = hooks.hooks_beyond_pytest(self._config, hooks.Distributions(self._config))
        against = list(reasons.against_sharded_hooks(self._config, late))
        info = voice.info(self._link)
        self._link.channel.send({"t": "ready", "hooks": late, "against_sharded": against, "info": info})

    def _silence_terminal(self) -> None:
        """pytest's terminal stays registered (verbosity, colours of assertion texts), but nobody reads it."""
        reporter: Any = self._config.pluginmanager.getplugin("terminalreporter")
        if self._solo or reporter is None:
            return
        writer = reporter._tw
        writer._file = Nowhere()
        writer.hasmarkup = bool(self._link.start["color"])
        writer.fullwidth = int(self._link.start["columns"])
        hooks.leave_out_summaries(self._config)
        if hasattr(reporter, "_add_stats") and hooks.remove(self._config.hook.pytest_deselected, reporter):
            self._terminal = reporter

    def _record_xml(self) -> None:
        """Take what record_testsuite_property and record_xml_attribute say, in place of pytest's own JUnit plugin."""
        from _pytest.junitxml import xml_key  # -p no:junitxml spares it

        log: object = self._config.stash.get(xml_key, None)
        if self._link.start["want"]["xml"] and not self._solo and (log is None or isinstance(log, XmlStandIn)):
            stand_in = XmlStandIn(self.loop.record_attribute, self._link.channel, self._config, self._cutter)
            self._config.stash[xml_key] = stand_in  # type: ignore[misc, unused-ignore]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        self._link.page.phase(status_page.FINISH, CLOCK.nanoseconds())
        self._garbage.end()
        if not self.loop.told_collection:
            # Collection itself was stopped (-x, usage error): what was found until then.
            # A plugin's own session may have another idea of a status (pytest-deadfixtures: a list).
            code = int(exitstatus) if isinstance(exitstatus, int) else int(bool(exitstatus))
            self.loop.collected(session, self._facts(), code)

    @pytest.hookimpl(tryfirst=True)
    def pytest_unconfigure(self, config: Config) -> None:
        from _pytest.junitxml import xml_key  # -p no:junitxml spares it

        if isinstance(config.stash.get(xml_key, None), XmlStandIn):  # type: ignore[misc, unused-ignore]
            del config.stash[xml_key]

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        self._link.channel.send(session_ends.interrupted(excinfo, self._cutter))

    def pytest_internalerror(self, excrepr: object, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        error = session_ends.internal_error(excrepr, excinfo, self._cutter)
        self._link.channel.send({"t": "stopped", "kind": "internal", "exit": 3, **error})

    # -- collection

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> Generator[None, Any, Any]:
        self._link.page.phase(status_page.COLLECT, CLOCK.nanoseconds())
        filters = [*self._config.getini("filterwarnings"), *(self._config.known_args_namespace.pythonwarnings or ())]
        self._garbage.begin(paced=garbage.fails_tests(filters))
        if self._link.start["lane"] != "standard":
            argnames.install()
            plain_functions.PlainFunctions.install()
            reordering.install()
        return (yield from self._collect())

    def _collect(self) -> Generator[None, Any, Any]:
        if self._share is None:
            return (yield)
        original = self._config.args
        self._config.args = self._share.args(original, str(self._config.invocation_params.dir))
        self._others = OthersImports(self._config, self._link.channel, self._share, set(self._broken))
        try:
            return (yield)
        finally:
            self._others.all()
            self._config.args = original

    @pytest.hookimpl(tryfirst=True)
    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        return True if self._share is not None and self._share.leaves_out(str(collection_path)) else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_collectstart(self, collector: pytest.Collector) -> None:
        """Name the file that is about to be imported: if that kills the process, it is the one."""
        if self._others is not None and isinstance(collector, _WITH_CONFTESTS):
            self._others.before(str(collector.path))
        if isinstance(collector, pytest.File):
            self._link.channel.send({"t": "collecting", "path": collector.nodeid, "file": str(collector.path)})

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collect_file(
        self, file_path: Path, parent: pytest.Collector
    ) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
        why = self._broken.get(str(file_path))
        if why is None:
            return (yield)
        yield
        return [limits.BrokenFile.of(parent, file_path, why)]

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, Any, Any]:
        """Behind all others: what another process has run, before it ended, is not run again."""
        result = yield
        left_out = set(self._link.start["left_out"])
        if left_out:
            self._config.hook.pytest_deselected(items=[item for item in items if crossing(item.nodeid) in left_out])
            items[:] = [item for item in items if crossing(item.nodeid) not in left_out]
        return result

    def pytest_collectreport(self, report: CollectReport) -> None:
        if report.outcome != "passed":
            self._collect_reports.append(report)

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self._deselected += len(items)
        if self._terminal is not None:
            # Itself it would keep the items, for a summary that nobody reads: of tens of thousands that is felt.
            # pytest-testmon says how many there were by things that are no items.
            names = [Deselected(getattr(item, "nodeid", ""), getattr(item, "name", "")) for item in items]
            self._terminal._add_stats("deselected", names)

    def link(self) -> WorkerLink:
        """Of the process that this is by now."""
        return self._link

    def _facts(self) -> Facts:
        observed = self._link.start["observe"]
        bound = self._observer.end(process.capture_descriptors(self._config)) if observed else []
        seen = {"bound": bound, "bound_again": self._observer.repeated if bound else []}
        return self._collect_reports, {"deselected": self._deselected, "exit": self._exits.exit_code, **seen}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        self.loop.collected(session, self._facts())
        self._garbage.end()
        if self._solo:
            return None
        hooks.leave_cache_alone(self._config)
        if self._link.start["collect"] == "once" and self._link.start["role"] == "collector":
            self._attach(self._serve_collector(self._config))
            self._link.session = session
            self._silence_terminal()
            self._record_xml()
            self.loop.inherited(session)
        self.loop.run(session)
        return True

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None, Any, Any]:
        if not self._solo:
            return (yield)
        self.loop.begin(item, nextitem)
        try:
            result = yield
        except BaseException:
            self.loop.end_of_session()
            raise
        self.loop.deliver()
        return result

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._link.page.phase(status_page.SETUP, CLOCK.nanoseconds())
        self.loop.succession.settle(item)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_call(self) -> None:
        self._link.page.phase(status_page.CALL, CLOCK.nanoseconds())
        if self.loop.leaks is not None:
            self.loop.leaks.fixture_ended()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        self._link.page.phase(status_page.TEARDOWN, CLOCK.nanoseconds())

    @pytest.hookimpl(tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> None:
        if fixturedef.scope != "function":
            self._link.page.setting_up(f"{fixturedef.argname} (scope {fixturedef.scope})")
        if self.loop.leaks is not None:
            self.loop.leaks.fixture_begins(fixturedef)

    def pytest_enter_pdb(self) -> None:
        self._link.page.words[status_page.DEBUGGING] = 1

    def pytest_leave_pdb(self) -> None:
        self._link.page.words[status_page.DEBUGGING] = 0

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: TestReport) -> None:
        self.loop.reported(report)
        # Between two phases: pytest's capture would not come to the teardown where it finds its files closed.
        if report.when == "call" or report.failed:
            self.loop.mend_streams()

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: Any
    ) -> None:
        from _pytest.warnings import warning_record_to_str  # -p no:warnings spares it

        self._link.channel.send(
            {
                "t": "warning",
                "when": when,
                "nodeid": nodeid,
                "text": self._cutter.cut(warning_record_to_str(warning_message)),
                "category": warning_message.category.__name__,
                "filename": warning_message.filename,
                "line": warning_message.lineno,
            }
        )
