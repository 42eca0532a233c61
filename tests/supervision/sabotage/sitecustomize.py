"""Turns off what the worker package does, for the negative controls: SABOTAGE names it. Python imports this module at its start
where its folder is on PYTHONPATH."""

import importlib.abc
import os
import sys


def pages(module):
    """A child that a test forks keeps the worker's pages."""
    module.StatusPage._part_in_child = module.RunPage._part_in_child = lambda self: None


def channel(module):
    """Such a child keeps the worker's channel, and whoever has it may speak."""
    module.Channel._close_in_child = lambda self: None
    module._getpid = lambda: 0


def ring(module):
    """Plain passes are not written down."""
    module.StatusPage.record = lambda self, *record: None


def limits(module):
    """No limit of a test's own reaches the engine."""
    module.timeouts = lambda session: []


def leaks(module):
    """Nothing that is left behind is found."""
    module.LeakWatch.found = lambda self, last_of_file: []


OF = {
    "pages": "wire.status_page",
    "ring": "wire.status_page",
    "channel": "wire.channel",
    "limits": "collection.limits",
    "leaks": "run.leaks",
}
WANTED = [name for name in os.environ.get("SABOTAGE", "").split(",") if name]


class Loader(importlib.abc.Loader):
    def __init__(self, loader, after):
        self._loader, self._after = loader, after

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        self._loader.exec_module(module)
        for change in self._after:
            change(module)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        after = [globals()[each] for each in WANTED if name == f"trun_worker.{OF[each]}"]
        others = [finder for finder in sys.meta_path if finder is not self] if after else []
        spec = next(filter(None, (finder.find_spec(name, path, target) for finder in others)), None)
        if spec is not None:
            spec.loader = Loader(spec.loader, after)
        return spec


sys.meta_path.insert(0, Finder())
