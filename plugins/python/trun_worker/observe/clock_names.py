"""Whether a module names something after the time while it is imported: told from its bytecode.

Functions of clocks are left alone, since time-machine relies on them, and ``datetime`` is written in C. So the code is read: the
module's top level, the bodies of its classes, and what of its functions the top level mentions. A time that stays a time is
nobody's name (a deadline, a start, a value for a test); one that becomes text is, then or in a function that runs later. So is
what a function of another module gives that makes text of the time.
"""

from __future__ import annotations

import dis  # by inspect, and so by pytest, it is loaded already
from collections import deque
from collections.abc import Iterable, Iterator
from types import CodeType
from typing import Any

#: What gives the time, as an attribute of one of ``_CLOCKS`` or imported by its name; called without arguments.
_READINGS = frozenset(
    "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns process_time process_time_ns".split()
)
#: The same, perhaps with arguments.
_GIVE_TIME = _READINGS | {"now", "utcnow", "today"}
#: What gives it as text, or as part of a name that nobody else has.
_GIVE_NAMES = frozenset({"strftime", "ctime", "asctime", "uuid1"})
_CLOCKS = frozenset({"datetime", "time", "date", "dt", "timezone", "uuid", *_GIVE_NAMES, *_GIVE_TIME})
#: Methods by which a time becomes text.
_TEXT_METHODS = frozenset({"strftime", "isoformat", "ctime", "hex"})
#: Functions in front of it that make text of it.
_TEXT_FUNCTIONS = frozenset({"str", "repr", "hex", "format", "ascii"})
#: Between those and the time.
_NUMBER_FUNCTIONS = frozenset({"int", "float", "round", "abs"})
#: Between a value and what is done with it, at most.
_FAR = 30
#: The same where it was kept, and so is an argument perhaps of a call that has nothing to do with what follows.
_NEAR = 6
#: pytest's rewriting of assertions (``_pytest/assertion/rewrite.py``) begins its names so, and makes text of what is compared by
#: these. That is what a failure says, and nobody's name.
_OF_ASSERTION = "@py"
_OF_FAILURE = frozenset({"_saferepr", "_should_repr_global_name"})
_NOTHING = frozenset({"CACHE", "PRECALL", "PUSH_NULL", "NOP", "RESUME"})
_GLOBAL_LOADS = frozenset({"LOAD_NAME", "LOAD_GLOBAL"})
_LOADS = _GLOBAL_LOADS | {"LOAD_ATTR", "LOAD_METHOD"}
_OPTIMIZED = 0x1  # CO_OPTIMIZED: of a function, not of a module or a class body

Step = Any
#: Instructions that say something, and the line of each.
Steps = tuple[list[Step], list[int]]


def named_after_time(code: CodeType) -> int:
    """The first line on which importing the module ``code`` makes text of the time; 0: it makes none."""
    if _CLOCKS.isdisjoint(code.co_names):
        return 0
    return _Reader(code).line()


def makers(code: CodeType) -> frozenset[str]:
    """Functions of the module ``code`` that make text of the time: whoever calls one while it is imported gives a name."""
    found = [inner for inner in _inner(code) if inner.co_flags & _OPTIMIZED and not _CLOCKS.isdisjoint(inner.co_names)]
    return frozenset(inner.co_name for inner in found if _Reader(code).makes_name(inner))


def bodies(code: CodeType) -> Iterator[CodeType]:
    """The module ``code``, and what else runs with it for certain: the bodies of its classes."""
    yield code
    for inner in _inner(code):
        if not inner.co_flags & _OPTIMIZED:
            yield from bodies(inner)


class _Reader:
    def __init__(self, module: CodeType) -> None:
        self._module = module
        self._functions = {inner.co_name: inner for inner in _inner(module) if inner.co_flags & _OPTIMIZED}
        self._types = {inner.co_name: inner for inner in _inner(module) if not inner.co_flags & _OPTIMIZED}
        #: Names that hold a time, and functions that return one.
        self._times: set[str] = set()
        #: Of those names, which outlive the import: of the module, of a class, of an object.
        self._kept: set[str] = set()

    def line(self) -> int:
        running = self._that_run()
        known = -1
        while known != len(self._times):  # a function may stand above what it calls
            known = len(self._times)
            for code, (steps, lines) in running.items():
                line = self._line_of(code, steps, lines)
                if line:
                    return line
        return self._line_later(running) if self._kept else 0

    def makes_name(self, function: CodeType) -> bool:
        return self._line_of(function, *_steps(function)) != 0

    def _line_later(self, known: Iterable[CodeType]) -> int:
        """Of a function that runs later, and makes text of a time that was kept."""
        waiting = deque(_inner(self._module))
        while waiting:
            code = waiting.popleft()
            waiting += _inner(code)
            if code in known or self._kept.isdisjoint(code.co_names):
                continue
            steps, lines = _steps(code)
            for at, step in enumerate(steps):
                is_kept = step.opname in _LOADS and step.argval in self._kept and not _is_of_failure(steps[:at])
                if is_kept and (_makes_text(steps[:at]) or self._becomes_text(code, steps[at + 1 : at + 1 + _NEAR])):
                    return lines[at]
        return 0

    def _that_run(self) -> dict[CodeType, Steps]:
        """The module, and what runs with it."""
        found: dict[CodeType, Steps] = {}
        waiting = deque([self._module])
        while waiting:
            code = waiting.popleft()
            if code in found or code.co_name == "<lambda>":
                continue
            found[code] = steps, _ = _steps(code)
            waiting += (each for each in _inner(code) if not each.co_flags & _OPTIMIZED or each.co_name.startswith("<"))
            for name in _mentioned(steps):
                waiting += [self._functions[name]] if name in self._functions else self._constructors(name)
        return found

    def _constructors(self, name: str) -> list[CodeType]:
        kind = self._types.get(name)
        return [] if kind is None else [inner for inner in _inner(kind) if inner.co_name == "__init__"]

    def _line_of(self, code: CodeType, steps: list[Step], lines: list[int]) -> int:
        for at, step in enumerate(steps):
            begin = self._begin_of_time(steps, at)
            if begin is None:
                continue
            if (
                step.argval in _GIVE_NAMES
                or (begin and _makes_text(steps[:begin]))
                or self._becomes_text(code, steps[at + 1 :])
            ):
                return lines[at]
        return 0

    def _begin_of_time(self, steps: list[Step], at: int) -> int | None:
        """Where the expression begins whose last name is that of step ``at``, if that gives a time."""
        step = steps[at]
        name = step.argval
        if not isinstance(name, str):
            return None
        if step.opname in ("LOAD_ATTR", "LOAD_METHOD"):
            owner = steps[at - 1].argval if at else None
            if isinstance(owner, str) and owner.strip("_") in _CLOCKS and self._is_read(name, steps[at + 1 :]):
                begin = at
                while begin and steps[begin].opname in ("LOAD_ATTR", "LOAD_METHOD"):
                    begin -= 1
                return begin
            return None
        if not step.opname.startswith("LOAD_"):
            return None
        is_function = step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and self._is_read(name, steps[at + 1 :])
        return at if name in self._times or is_function else None

    @staticmethod
    def _is_read(name: str, follow: list[Step]) -> bool:
        """Whether it is a clock that is called: ``datetime.time`` is a class, too."""
        follows = follow[0].opname if follow else ""
        if name in _READINGS:
            return follows.startswith("CALL")
        return name in _GIVE_TIME | _GIVE_NAMES and follows not in ("LOAD_ATTR", "LOAD_METHOD")

    def _becomes_text(self, code: CodeType, steps: list[Step]) -> bool:
        """Of a value that was just made or loaded. Where it is kept instead, its name is remembered."""
        for step in steps[:_FAR]:
            name = step.opname
            if isinstance(step.argval, str) and step.argval.startswith(_OF_ASSERTION):
                return False
            if name.startswith(("FORMAT_", "CONVERT_", "BUILD_STRING")) or name == "BINARY_MODULO":
                return True
            if name == "BINARY_OP" and step.argrepr.startswith("%"):
                return True
            if name == "BINARY_SUBTRACT" or (name == "BINARY_OP" and step.argrepr.startswith("-")):
                return False  # how long something took
            if name in ("LOAD_ATTR", "LOAD_METHOD") and step.argval in _TEXT_METHODS:
                return True
            if name.startswith("RETURN_"):
                self._times.add(code.co_name)
            elif name.startswith("STORE_"):
                names = [part for part in _parts(step.argval) if isinstance(part, str)]
                self._times.update(names)
                if name in ("STORE_ATTR", "STORE_GLOBAL") or not code.co_flags & _OPTIMIZED:
                    self._kept.update(names)
            if name.startswith(("RETURN_", "STORE_", "POP_TOP", "COMPARE_")):
                return False
        return False


def _steps(code: CodeType) -> Steps:
    begins = dict(dis.findlinestarts(code))
    line = code.co_firstlineno
    steps, lines = [], []
    for step in dis.get_instructions(code):
        line = begins.get(step.offset) or line
        if step.opname not in _NOTHING:
            steps.append(step)
            lines.append(line)
    return steps, lines


def _inner(code: CodeType) -> Iterator[CodeType]:
    return (constant for constant in code.co_consts if isinstance(constant, CodeType))


def _mentioned(steps: list[Step]) -> Iterator[str]:
    for step in steps:
        if step.opname in ("LOAD_NAME", "LOAD_GLOBAL") and isinstance(step.argval, str):
            yield step.argval


def _is_of_failure(before: list[Step]) -> bool:
    return bool(before) and not _OF_FAILURE.isdisjoint(_parts(before[-1].argval))


def _makes_text(before: list[Step]) -> bool:
    """Whether the functions in front of a value do: ``str(int(``."""
    for at in reversed(range(len(before))):
        step = before[at]
        # ``itertools.count(time.time_ns())`` names many things; a list counts.
        if step.argval == "count" and (step.opname in _GLOBAL_LOADS or (at and before[at - 1].argval == "itertools")):
            return True
        names = _parts(step.argval) if step.opname.startswith("LOAD_") else ()
        if any(name in _TEXT_FUNCTIONS for name in names if isinstance(name, str)):
            return True
        if not any(name in _NUMBER_FUNCTIONS for name in names if isinstance(name, str)):
            return False
    return False


def _parts(argument: Any) -> tuple[Any, ...]:
    """Of an instruction that does two things at once (Python 3.13)."""
    return argument if isinstance(argument, tuple) else (argument,)
