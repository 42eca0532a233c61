"""What makes a process xdist's controller, and a worker the one that a controller has configured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trun_worker.plugins import hooks, xdist_compat
from trun_worker.wire import carrier

if TYPE_CHECKING:
    from collections.abc import Callable

    from _pytest.config import Config

    from trun_worker.wire.channel import Frame

_MARKER = "xdist_group: tests of one group run in one worker."


def be_controller(config: Config, start: Frame) -> None:
    """The options as xdist's controller has them. xdist itself, where it is installed, has no workers to start."""
    option = config.option
    workers = list(start["workers"])
    option.numprocesses, option.dist, option.tx = len(workers), start["dist"], ["popen"] * len(workers)
    xdist = xdist_compat.installed(config)
    if not config.pluginmanager.hasplugin("trun-xdist") and xdist is not None:
        remove: Any = getattr(config.hook.pytest_configure, "_remove_plugin", None)
        if remove is not None:
            remove(xdist)
        config.addinivalue_line("markers", _MARKER)


def worker_input(start: Frame, name: str, argv: list[str]) -> dict[str, Any]:
    """What ``workerinput`` holds before hooks add to it."""
    return {
        "workerid": name,
        "workercount": len(start["workers"]),
        "testrunuid": start["testrunuid"],
        "mainargv": argv,
    }


def configure_worker(config: Config, start: Frame) -> None:
    """In a worker: what the controller's hooks have put into ``workerinput``."""
    if start["config_map"]:
        config.workerinput.update(carrier.unpack(start["config_map"]))  # type: ignore[attr-defined]


def auto_workers(config: Config) -> int | None:
    """How many workers ``-n auto`` means, if hooks or xdist's variable say so."""
    said = None
    if is_implemented(config, ("pytest_xdist_auto_num_workers",)):
        option = config.option
        asked, option.numprocesses = option.numprocesses, "auto"
        try:
            said = config.hook.pytest_xdist_auto_num_workers(config=config)
        finally:
            option.numprocesses = asked
    return xdist_compat.auto_workers() if said is None else int(said)


def _nobody(distribution: str, config: Config) -> bool:
    return False


def is_implemented(config: Config, names: tuple[str, ...], but_for: Callable[[str, Config], bool] = _nobody) -> bool:
    """Whether anybody but pytest, xdist, trun and the distributions ``but_for`` implements one of these hooks."""
    distributions = hooks.Distributions(config)
    for name in names:
        for implementation in hooks.foreign(getattr(config.hook, name, None)):
            owner = distributions.of(implementation.plugin)[0]
            if not _is_xdists(implementation) and not but_for(owner, config):
                return True
    return False


def _is_xdists(implementation: Any) -> bool:
    module = str(getattr(implementation.function, "__module__", "") or hooks.module_name(implementation.plugin))
    return module.partition(".")[0] == "xdist"
