"""pytest's cache, written once a run by the fork server: workers never write it.

The rules are those of pytest's cacheprovider (LFPlugin, NFPlugin): a failed test is remembered, a test that passed or was
skipped is forgotten, what was not run stays as it was.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from trun_worker.server import bytecode
from trun_worker.wire.channel import Frame

if TYPE_CHECKING:
    from _pytest.config import Config

DURATIONS = "trun/durations"


def durations(config: Config) -> list[tuple[str, float]]:
    """How long files took in earlier runs: (path, seconds). Empty where there is no cache, or it holds something else."""
    from _pytest.cacheprovider import Cache  # the server imports this module before pytest

    if not config.pluginmanager.hasplugin("cacheprovider"):
        return []
    known = Cache(Cache.cache_dir_from_config(config, _ispytest=True), config, _ispytest=True).get(DURATIONS, {})
    if not isinstance(known, dict):
        return []
    # Nobody keeps JSON's NaN and Infinity out of that file.
    times = [(str(path), float(took)) for path, took in known.items() if isinstance(took, (int, float))]
    return [(path, took) for path, took in times if math.isfinite(took)]


def try_to_save(config: Config, frame: Frame) -> str | None:
    """``save``. Returns what went wrong: the run is over, and nothing of it may be lost to a cache that cannot be written."""
    try:
        save(config, frame)
    except Exception as problem:
        return f"{type(problem).__name__}: {problem}"
    return None


def save(config: Config, frame: Frame) -> None:
    """Merge a run's results (frame ``save_cache``) into ``.pytest_cache``. Raises OSError where it cannot be written."""
    from _pytest.cacheprovider import Cache  # the server imports this module before pytest

    cache = getattr(config, "cache", None) or Cache.for_config(config, _ispytest=True)
    failed = cache.get("cache/lastfailed", None)
    _update(cache, "cache/lastfailed", failed, _lastfailed(failed or {}, frame))
    nodeids = cache.get("cache/nodeids", None)
    _update(cache, "cache/nodeids", nodeids, sorted({*(nodeids or []), *frame["collected"]}))
    took = cache.get(DURATIONS, None)
    _update(cache, DURATIONS, took, {**(took or {}), **dict(frame["durations"])})
    bytecode.prune(config)


def _lastfailed(known: dict[str, bool], frame: Frame) -> dict[str, bool]:
    found = dict(known)
    for nodeid, outcome in frame["results"].items():
        if outcome == "failed":
            found[nodeid] = True
        else:
            found.pop(nodeid, None)
    collected_files = {nodeid.partition("::")[0] for nodeid in frame["collected"]}
    for nodeid in list(found):
        if nodeid in collected_files:
            del found[nodeid]
    found.update(dict.fromkeys(frame["failed_collect"], True))
    return found


def _update(cache: Any, key: str, known: Any, value: Any) -> None:
    if value != known and (value or known is not None):
        cache.set(key, value)
