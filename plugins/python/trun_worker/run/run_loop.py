"""The run loop of a worker: items in the order they were assigned, each with the next one known.

Two lanes run an item: pytest's own protocol here, and ``fast_lane.FastLane`` for what qualifies. What pytest reports goes out
before the next item starts; a plain pass goes into the status page's ring and costs no system call.
"""

from __future__ import annotations

import copy
from collections import deque
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.clock import CLOCK
from trun_worker.collection.inventory import Inventory
from trun_worker.fixtures.services import Admissions, run_protocol
from trun_worker.plugins.coverage_data import CoverageJournal
from trun_worker.reports.report import Renderer, durations_of, result_frame
from trun_worker.run.fast_lane import FastLane
from trun_worker.run.leaks import LeakWatch
from trun_worker.run.next_item import NextItem
from trun_worker.run.recycling import Recycling
from trun_worker.run.streams import Streams
from trun_worker.system import garbage, process
from trun_worker.wire import parts, status_page
from trun_worker.wire.channel import Frame
from trun_worker.wire.wire_text import crossing

if TYPE_CHECKING:
    from _pytest.reports import CollectReport, TestReport

    from trun_worker.worker.link import WorkerLink
    from trun_worker.worker.voice import HostVoice

    #: Reports that did not simply pass, and what else ``collected`` says that pytest does not know.
    Facts = tuple[list[CollectReport], dict[str, Any]]

_LISTEN_EVERY = 1_000_000  # nanoseconds


class RunLoop:
    """One per worker. Fed by ``assign`` frames, ended by ``finish``. ``voice`` says to the plugin host what is
    more than a plain pass; None: nobody there hears of tests."""

    def __init__(self, link: WorkerLink, renderer: Renderer, voice: HostVoice | None) -> None:
        self._link = link
        self.page = link.page
        self.shows_xfails = voice is not None or bool(link.start["want"]["xfail_text"])  # their tracebacks
        self._channel = link.channel
        self._renderer = renderer
        self._inventory = Inventory(link.start["want"])
        self.succession = NextItem(self._inventory)
        self._queue: deque[pytest.Item] = deque()
        self._next_ordinal = 0
        self._low = 1
        self._asked = self._closed = self._finishing = self._last_of_file = self.told_collection = False
        self.reports: list[TestReport] = []  # of the item at work, so far
        self._xml_attributes: list[list[str]] = []  # of the test at work
        self._started = self._listened = 0
        self._lane: FastLane | None = None
        self._wear = Recycling.of(link.start["worn"])
        self.standard = link.standard
        self.leaks = LeakWatch(link.start["leaks"]) if link.start["leaks"] else None
        self._nodeid = ""
        self._flushes = not process.captures_descriptors(renderer.config)
        self._admissions = Admissions(link)
        self._journal = CoverageJournal()
        self._streams: Streams | None = None
        self.voice = voice

    # -- collection

    def collected(self, session: pytest.Session, facts: Facts, ended: int | None = None) -> None:
        """Tell the engine what this worker can run. ``ended``: the exit code of a session that collecting has ended."""
        self._take_stock(session)
        reports, more = facts
        if self.voice is not None and self._link.start["want"]["items"]:
            self.voice.items(session.items)
        frame = {
            "t": "collected",
            **self._inventory.describe(session),
            **self._renderer.collection(session, reports),
            **more,
            "ended": ended,
            "lane": self._make_lane(session),
        }
        for part in parts.collected(frame):
            self._channel.send(part)

    def inherited(self, session: pytest.Session) -> None:
        """The same items, collected by the process that this one was forked from: the engine knows them."""
        self._take_stock(session)
        self._make_lane(session)

    def _take_stock(self, session: pytest.Session) -> None:
        """From now on --maxfail is about all workers (the run page), not about this one."""
        self.told_collection = True
        self._inventory.add(session.items)
        if self._link.start["worker_count"] > 1:
            session.config.option.maxfail = 0

    def _make_lane(self, session: pytest.Session) -> list[str]:
        """Returns why there is no fast lane where there might be one."""
        self._lane, refusals = FastLane.of(session, self, self._link.start["lane"])
        return refusals

    # -- the loop

    def run(self, session: pytest.Session) -> None:
        """Run what is assigned until told to finish. Raises what pytest's own loop raises when the session is to stop."""
        if self._link.start["host"]:
            self._journal.begin(session.config, self._link.journals, self._link.start)
        self._streams = Streams(session.config)
        try:
            while self._wait_for_work(session):
                item = self._queue.popleft()
                self._run(item, self.succession.follow(item, self._queue, self._link.after_last(session)))
                self._stop_if_asked(session)
                self._give_back_if_worn()
                self._ask_for_more()
                self._listen(session)
        except pytest.UsageError:
            self._channel.send({"t": "stopped", "kind": "exit", "reason": "usage error", "exit": 4})
            raise  # no hook is told; pytest says what is wrong when the session has ended
        finally:
            self._leave_lane()
            self.end_of_session()

    def _listen(self, session: pytest.Session) -> None:
        """Take in what the engine has sent, without waiting; asks the kernel no more than once a millisecond."""
        now = CLOCK.nanoseconds()
        if now - self._listened < _LISTEN_EVERY:
            return
        self._listened = now
        if self._channel.pending():
            self._handle(session, self._channel.receive())

    def _wait_for_work(self, session: pytest.Session) -> bool:
        """Wait until the next item and its successor are known. False: the session is over."""
        if self._link.run_page.stopped() or self._link.run_page.limit_reached():
            self._queue.clear()
            self._closed = False
        while len(self._queue) < 2 and not (self._closed and self._queue):
            if self._finishing:
                return False
            self._leave_lane()
            if not self._queue:
                self.page.phase(status_page.IDLE, CLOCK.nanoseconds())
            self._handle(session, self._channel.receive())
        return True

    def _leave_lane(self) -> None:
        if self._lane is not None:
            self._lane.leave()

    def _handle(self, session: pytest.Session, frame: Frame) -> None:
        kind = frame["t"]
        if kind == "assign" and not (self._wear and self._wear.gave_back):
            self._queue.extend(self._inventory.assigned(frame))
            self._link.leases.update(frame["leases"])
            self.succession.assigned(frame)
            self._admissions.expect(frame["services"])
            self._low = int(frame["low"])
            self._closed = bool(frame["end"])
            self._asked = False
        elif kind == "finish":
            self._finishing = True

    def _ask_for_more(self) -> None:
        left = len(self._queue)
        if left == 0 or (left <= self._low and not self._asked and not self._closed):
            self._asked = True
            self._channel.send({"t": "need", "ordinal": self._next_ordinal})

    def _give_back_if_worn(self) -> None:
        if self._wear and not self._finishing and (frame := self._wear.give_back(self._queue, self._next_ordinal)):
            self._closed = True
            self._channel.send(frame)

    def _stop_if_asked(self, session: pytest.Session) -> None:
        if session.shouldfail:
            self._channel.send({"t": "stopped", "kind": "failed", "reason": str(session.shouldfail), "exit": 1})
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)

    # -- one item

    def _run(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        lane = self._lane
        if self._link.leases:
            self._link.leases.tell(crossing(item.nodeid))
        refusal = self._admissions.ask_for(item, self._next_ordinal)
        if refusal is None and lane is not None and not self.succession.surprised and lane.qualifies(item):
            self.begin(item, nextitem)
            lane.run(item, nextitem)
            return
        self._leave_lane()
        self.begin(item, nextitem)
        run_protocol(item, nextitem, refusal)
        self.deliver()
        self.mend_streams()

    def mend_streams(self) -> None:
        """What a test has done to the streams that capture has is undone, before the next one prints."""
        if self._streams is not None:
            self._streams.mend()

    def begin(self, item: pytest.Item, nextitem: pytest.Item | None) -> None:
        if self.page.ring_full():
            self._wait_for_ring()
        self.reports.clear()
        self._renderer.took.clear()
        self._nodeid = item.nodeid
        self._last_of_file = nextitem is None or nextitem.path != item.path
        if self.leaks is not None and not self.leaks.begun:
            self.leaks.begin(self._link.tmpdir)
        if self.voice is not None:
            self.voice.begin(item.nodeid)
        words = self.page.words
        self.page.wait_while_halted()
        self._started = CLOCK.nanoseconds()
        words[status_page.ORDINAL] = self._next_ordinal
        words[status_page.BEGAN] = self._started
        self.page.phase(status_page.SETUP, self._started)

    def _wait_for_ring(self) -> None:
        self._channel.send({"t": "need", "ordinal": self._next_ordinal})
        while self.page.ring_full():
            CLOCK.sleep(0.0005)

    def _passed(self, setup: int, call: int, teardown: int) -> None:
        """A plain pass of the item at work, durations in nanoseconds."""
        leaks = self.leaks.found(self._last_of_file) if self.leaks is not None else None
        more = self.voice.take(plain=self.voice.is_plain()) if self.voice is not None else ""
        if leaks or more:
            self._send_result([], leaks or [], [setup, call, teardown], more)
            return
        self.page.record(self._next_ordinal, self._started, setup, call, teardown)
        self._end()

    def _end(self) -> None:
        if self._flushes:
            process.flush_streams()
        if self.page.forked:
            process.leave_as_child(self.reports)
        self._journal.note()
        self._link.starters.after(self._nodeid)
        words = self.page.words
        self._next_ordinal += 1
        words[status_page.FINISHED] = self._next_ordinal
        words[status_page.PHASE] = status_page.IDLE

    def record_attribute(self, name: str, value: str) -> None:
        self._xml_attributes.append([name, value])

    def reported(self, report: TestReport) -> None:
        """Called for every report that pytest logs."""
        if report.failed and not hasattr(report, "wasxfail"):
            self._link.run_page.add_failure()
            self._stop_at_limit()
            if report.when != "teardown":  # what it frees is told in this test yet
                garbage.test_failed()
        kept = copy.copy(report)  # hooks behind this one may change what pytest has counted by now
        self.reports.append(kept)
        self._renderer.took[id(kept)] = CLOCK.nanoseconds() - self.page.words[status_page.SINCE]

    def _stop_at_limit(self) -> None:
        session = self._link.session
        if session is not None and not session.shouldfail and self._link.run_page.limit_reached():
            session.shouldfail = f"stopping after {self._link.run_page.failures()} failures"

    def end_of_session(self) -> None:
        """What was reported of an item counts if the session ends before the item does (pytest.exit in a hook or teardown)."""
        if self.page.is_at_test() and any(report.when == "call" or not report.passed for report in self.reports):
            self.deliver()

    def deliver(self) -> None:
        self.over(False, *durations_of(self.reports, self._renderer.took))

    def over(self, plain: bool, setup: int, call: int, teardown: int) -> None:
        """The item at work is over. ``plain``: it has passed, and there are no reports. Durations in nanoseconds."""
        if not self._xml_attributes and (plain or self._renderer.is_plain_pass(self.reports)):
            self._passed(setup, call, teardown)
            return
        # Set-up and teardown that simply passed are left out.
        frames = self._renderer.frames(self.reports, call, self._xml_attributes)
        self._xml_attributes = []
        leaks = self.leaks.found(self._last_of_file) if self.leaks is not None else []
        more = self.voice.take(plain=False) if self.voice is not None else ""
        self._send_result(frames, leaks, [setup, call, teardown], more)

    def _send_result(self, frames: list[Frame], leaks: list[list[str]], durations: list[int], host: str) -> None:
        if self._wear is not None:
            self._wear.leaked(leaks)
        frame = result_frame(self._next_ordinal, self._nodeid, not (self.reports or durations[1]), frames, leaks, host)
        frame.update(zip(("started", "setup", "call", "teardown"), [self._started, *durations]))
        self._channel.send(frame)
        self._end()
