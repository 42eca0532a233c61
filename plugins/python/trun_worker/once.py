"""Session fixtures that are executed once for all workers (``[fixtures] once``).

The engine decides who executes: that worker, the owner, goes through pytest's own code and hands the pickled value on; in all
others a function that returns the value, or fails as the fixture failed, stands in for the fixture's. The owner keeps its
session fixtures until its session ends, and tears a shared one down when nobody uses it any more.
"""

from __future__ import annotations

import base64
import hashlib
import pickle
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from trun_worker.asking import ask

if TYPE_CHECKING:
    from trun_worker.link import WorkerLink

_ENDINGS = (Exception, pytest.skip.Exception, pytest.fail.Exception)


class OnceFixtures:
    """The plugin. ``link`` gives the link of the process that runs the tests, which may be forked off the one that made it."""

    def __init__(self, names: list[str], link: Callable[[], WorkerLink]) -> None:
        self._names = frozenset(names)
        self._link = link
        self._finishing = False
        self._put_off: list[tuple[dict[str, str], list[Callable[[], object]]]] = []

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Generator[None, Any, Any]:
        if fixturedef.argname not in self._names:
            return (yield)
        which = _which(fixturedef, request)
        answer, _ = ask(self._link(), "once", **which)
        if answer["owner"]:
            return (yield from self._execute(fixturedef, request, which))
        return (yield from self._stand_in(fixturedef, which, answer))

    # -- the owner

    def _execute(self, fixturedef: Any, request: Any, which: dict[str, str]) -> Generator[None, Any, Any]:
        try:
            value = yield
        except _ENDINGS as error:
            self._tell_made(which, failure=_failure(which["fixture"], self._link().start["worker_id"], error))
            raise
        try:
            pickled = pickle.dumps(value)
        except Exception as error:
            why = (
                f"the value of the once-fixture {which['fixture']!r} cannot be given to other workers: "
                f"{type(error).__name__}: {error}; return what can be pickled (a URL, a path, a number), "
                "or take the fixture out of [fixtures] once"
            )
            self._tell_made(which, failure=["fail", why])
            fixturedef.finish(request)  # it is executed and of no use: the next to ask is told why
            pytest.fail(why, pytrace=False)
        self._tell_made(which, value=base64.b64encode(pickled).decode("ascii"))
        fixturedef.addfinalizer(partial(self._before_teardown, fixturedef, which))
        return value

    def _tell_made(self, which: dict[str, str], **what: Any) -> None:
        ask(self._link(), "once_made", **which, **what)

    def _before_teardown(self, fixturedef: Any, which: dict[str, str]) -> None:
        """Runs before the fixture's own finalizers. In the middle of a test nobody is waited for: those are put off."""
        if self._finishing:
            ask(self._link(), "once_alone", **which)
            return
        self._put_off.append((which, list(fixturedef._finalizers)))
        fixturedef._finalizers.clear()

    # -- the others

    def _stand_in(self, fixturedef: Any, which: dict[str, str], answer: dict[str, Any]) -> Generator[None, Any, Any]:
        function, argnames = fixturedef.func, fixturedef.argnames
        fixturedef.func, fixturedef.argnames = partial(_give, which["fixture"], answer["value"], answer["failure"]), ()
        try:
            value = yield
        finally:
            fixturedef.func, fixturedef.argnames = function, argnames
            if answer["failure"] is None:
                fixturedef.addfinalizer(partial(ask, self._link(), "once_left", **which))
        return value

    # -- the end

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Session fixtures end here, not with the last test: in that, nobody could wait for the other workers."""
        self._finishing = True
        errors = _run_all([partial(session._setupstate.teardown_exact, None)])
        for which, finalizers in reversed(self._put_off):
            ask(self._link(), "once_alone", **which)
            errors += _run_all(finalizers)
        for error in errors:
            text = f"a session fixture's teardown failed, after the last test: {type(error).__name__}: {error}"
            self._link().channel.send({"t": "stopped", "kind": "internal", "reason": text, "exit": 1})


def _run_all(finalizers: list[Callable[[], object]]) -> list[BaseException]:
    errors: list[BaseException] = []
    for finalizer in reversed(finalizers):
        try:
            finalizer()
        except _ENDINGS as error:
            errors.append(error)
    return errors


def _which(fixturedef: Any, request: Any) -> dict[str, str]:
    """What names the fixture, with its parameter, in all workers alike."""
    name = str(fixturedef.argname)
    if fixturedef.scope != "session":
        pytest.fail(
            f"[fixtures] once names {name!r}, whose scope is {fixturedef.scope}: only session fixtures can be executed once",
            pytrace=False,
        )
    code = getattr(fixturedef.func, "__code__", None)
    place = f"{code.co_filename}:{code.co_firstlineno}" if code is not None else repr(fixturedef.func)
    key = f"{fixturedef.baseid}::{name} {place}"
    if hasattr(request, "param"):
        try:
            key += " " + hashlib.sha256(pickle.dumps(request.param)).hexdigest()
        except Exception as error:
            pytest.fail(
                f"a parameter of the once-fixture {name!r} cannot be compared with those of other workers: "
                f"{type(error).__name__}: {error}; use parameters that can be pickled",
                pytrace=False,
            )
    return {"key": key, "fixture": name}


def _failure(name: str, worker: str, error: BaseException) -> list[str]:
    if isinstance(error, pytest.skip.Exception):
        return ["skip", str(error)]
    trace = error.__traceback__
    assert trace is not None
    shown = pytest.ExceptionInfo.from_exc_info((type(error), error, trace)).getrepr(style="short")
    return ["fail", f"the once-fixture {name!r} failed in {worker}, which executed it for all workers:\n{shown}"]


def _give(name: str, value: str, failure: list[str] | None) -> Any:
    __tracebackhide__ = True
    if failure is not None:
        kind, text = failure
        if kind == "skip":
            pytest.skip(text)
        pytest.fail(text, pytrace=False)
    try:
        return pickle.loads(base64.b64decode(value))
    except Exception as error:
        pytest.fail(
            f"the value of the once-fixture {name!r} cannot be unpickled in this worker: {type(error).__name__}: {error}",
            pytrace=False,
        )
