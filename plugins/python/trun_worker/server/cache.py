"""pytest's cache, written once a run by the fork server: workers never write it.

The rules are those of pytest's cacheprovider (LFPlugin, NFPlugin): a failed test is remembered, a test that passed or was
skipped is forgotten, what was not run stays as it was.
"""

from __future__ import annotations

import math
import os
import zlib
from typing import TYPE_CHECKING, Any

from trun_worker.server import bytecode
from trun_worker.wire.channel import Frame
from trun_worker.wire.wire_text import path_of

if TYPE_CHECKING:
    from _pytest.config import Config

DURATIONS = "trun/durations"
#: {file: [what its import bound, checksum of the file then, in how many runs that is believed]}
BOUND = "trun/bound"
#: One is enough for a run that has the file, and each is read at the start of every run.
_MOST_BOUND = 16
#: A run that foresees an act does not see whether it would be there: a library that has changed is found out after so many.
_BELIEVED = 50


def durations(config: Config) -> list[tuple[str, float]]:
    """How long files and slow tests took in earlier runs: (path or node id, seconds). Empty where there is no cache, or it holds
    something else."""
    # Nobody keeps JSON's NaN and Infinity out of that file.
    known = _known(config, DURATIONS).items()
    times = [(str(path), float(took)) for path, took in known if isinstance(took, (int, float))]
    return [(path, took) for path, took in times if math.isfinite(took)]


def bound(config: Config) -> list[tuple[str, str]]:
    """What imports bound to their process in an earlier run: (path, a sentence), of files that are as they were then."""
    if getattr(config.option, "cacheclear", False):
        return []
    known = list(_known(config, BOUND).items())[:_MOST_BOUND]
    return [(_path(config, name), str(entry[0])) for name, entry in known if _is_believed(config, name, entry)]


def _is_believed(config: Config, name: str, entry: Any) -> bool:
    if not (isinstance(entry, list) and len(entry) == 3 and isinstance(entry[2], int) and entry[2] > 0):
        return False
    return entry[1] is not None and entry[1] == _checksum(_path(config, name))


def _path(config: Config, name: str) -> str:
    return os.path.normpath(os.path.join(config.rootpath, name))


def _known(config: Config, key: str) -> dict[str, Any]:
    from _pytest.cacheprovider import Cache  # the server imports this module before pytest

    if not config.pluginmanager.hasplugin("cacheprovider"):
        return {}
    known = Cache(Cache.cache_dir_from_config(config, _ispytest=True), config, _ispytest=True).get(key, {})
    return known if isinstance(known, dict) else {}


def _checksum(path: str) -> int | None:
    """None: there is no such file."""
    try:
        with open(path, "rb") as file:
            return zlib.crc32(file.read())
    except (OSError, ValueError):  # ValueError: that is no name
        return None


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
    _update(cache, DURATIONS, took, _durations(took or {}, dict(frame["durations"])))
    seen = cache.get(BOUND, None)
    _update(cache, BOUND, seen, _bound(config, seen, frame["bound"]))
    bytecode.prune(config)


def _durations(before: dict[str, float], now: dict[str, float]) -> dict[str, float]:
    """A test of a file that has run, of which nothing is said, is slow no more."""
    return {**{name: took for name, took in before.items() if name.partition("::")[0] not in now}, **now}


def _bound(config: Config, seen: Any, found: list[list[str]]) -> dict[str, list[Any]]:
    """What is believed from now on: what was found, and what was believed so far, once less."""
    now: dict[str, list[Any]] = {}
    for path, sentence in found[:_MOST_BOUND]:
        if (checksum := _checksum(path_of(path))) is not None:
            now[os.path.relpath(path_of(path), config.rootpath)] = [sentence, checksum, _BELIEVED]
    for name, entry in seen.items() if isinstance(seen, dict) else ():
        if len(now) < _MOST_BOUND and name not in now and _is_believed(config, name, entry) and entry[2] > 1:
            now[name] = [*entry[:2], entry[2] - 1]
    return now


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
