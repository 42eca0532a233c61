"""Schedulers of users' own (``pytest_xdist_make_scheduler``): what of them trun can keep.

trun schedules by itself. What a scheduler of the LoadScope family says with ``_split_scope``, which tests belong together, it
keeps; one that says more than that is refused by name.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _pytest.config import Config


class Log:
    """As xdist's ``Producer``: schedulers write what they do to it. Nobody reads it."""

    def __call__(self, *args: object, **kwargs: object) -> None:
        pass

    def __getattr__(self, name: str) -> Log:
        return Log()


def make(config: Config) -> tuple[Any, list[str]]:
    """The scheduler that hooks make, if any, and ["", ""], ["groups", name] or ["refused", name]."""
    sched = config.hook.pytest_xdist_make_scheduler(config=config, log=Log())
    if sched is None:
        return None, ["", ""]
    name = f"{type(sched).__module__}.{type(sched).__qualname__}"
    return sched, [_kind(type(sched)), name]


def _kind(kind: type) -> str:
    scheduler: Any = sys.modules.get("xdist.scheduler")
    if scheduler is None:
        return "refused"
    if kind in (scheduler.LoadScheduling, scheduler.WorkStealingScheduling):
        return ""
    known = {scheduler.LoadScopeScheduling, scheduler.LoadFileScheduling, scheduler.LoadGroupScheduling}
    if not issubclass(kind, scheduler.LoadScopeScheduling):
        return "refused"
    own = [cls for cls in kind.__mro__ if cls not in known and not any(issubclass(base, cls) for base in known)]
    says = {name for cls in own for name in vars(cls)} - _HARMLESS
    return "groups" if says <= {"_split_scope"} else "refused"


#: What every class has, and what changes nothing.
_HARMLESS = frozenset(
    {"__module__", "__qualname__", "__doc__", "__firstlineno__", "__static_attributes__", "__annotations__"}
)
