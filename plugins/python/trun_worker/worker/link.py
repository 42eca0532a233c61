"""A worker's link to the engine: its channel, its pages, and what the engine told it at the start."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trun_worker.clock import CLOCK
from trun_worker.system import process
from trun_worker.wire import status_page
from trun_worker.wire.channel import Channel, Frame
from trun_worker.wire.status_page import RunPage, StatusPage
from trun_worker.wire.wire_text import Unsendable
from trun_worker.worker import voice
from trun_worker.worker.leases import Leases
from trun_worker.worker.starters import Starters

if TYPE_CHECKING:
    import pytest
    from _pytest.config import Config


class WorkerLink:
    """One per worker process; made right after the fork, lives until the process ends."""

    def __init__(self, channel: Channel, status: StatusPage, run: RunPage, start: Frame) -> None:
        self.channel = channel
        self.page = status
        self.run_page = run
        self.start = start
        self.config: Config | None = None
        self.session: pytest.Session | None = None
        #: What the tests that were assigned hold of the named resources, by wire id.
        self.leases = Leases()
        #: Why some tests went through the standard lane.
        self.standard: set[str] = set()
        #: Where journals of the run's workers lie (coverage_data.py); "": nowhere.
        self.journals = ""
        #: The temporary folder that only this worker uses; "": there is none.
        self.tmpdir = ""
        #: Who started what this process will wait for at its end.
        self.starters = Starters()
        #: Whether this process has the variables of its worker already.
        self.has_environment = False

    def name(self) -> str:
        """Of this process: "gw0", "gw0-2" for its replacement."""
        attempt = int(self.start["attempt"])
        return str(self.start["worker_id"]) + (f"-{attempt}" if attempt > 1 else "")

    def after_last(self, session: Any) -> Any:
        """What follows the last item. With once-fixtures the session, so that its fixtures live until it ends (once.py)."""
        return session if self.start["separation"]["once"] else None

    def finish(self, code: int, raised: bool) -> int:
        """Say that the session is over: nothing is left but the interpreter's exit. Returns the exit code of the process.

        ``raised``: a hook's exception has ended it.
        """
        output = voice.output(self.config, self.session, code) if self.start["host"] else ""
        self.page.phase(status_page.EXIT, CLOCK.nanoseconds())
        done = {"t": "done", "exit": code, "raised": raised, "workeroutput": output, "written": True}
        awaited = {"threads": self.starters.awaited(), "handlers": list(self.starters.registered_in)}
        try:
            self.channel.send({**done, **awaited, "standard": sorted(self.standard)})
        except Unsendable as error:
            process.say(f"trun: {error}: the plugin host does without its workeroutput\n")
            self.channel.send({**done, **awaited, "workeroutput": "", "standard": sorted(self.standard)})
        self.channel.close()
        return 0
