"""pytest's cache, written once a run by the fork server: workers never write it.

The rules are those of pytest's cacheprovider (LFPlugin, NFPlugin): a failed test is remembered, a test that passed or was
skipped is forgotten, what was not run stays as it was.
"""

from __future__ import annotations

import math
import os
import re
import zlib
from typing import TYPE_CHECKING, Any

from trun_worker.server import bytecode
from trun_worker.wire.channel import Frame

if TYPE_CHECKING:
    from _pytest.config import Config

DURATIONS = "trun/durations"
#: {file: [what its import bound, checksum of the file then]}
BOUND = "trun/bound"
#: As the observer words it: the file, the line, what was seen there.
_SENTENCE = re.compile(r"(.+?):\d+ ")


def durations(config: Config) -> list[tuple[str, float]]:
    """How long files took in earlier runs: (path, seconds). Empty where there is no cache, or it holds something else."""
    # Nobody keeps JSON's NaN and Infinity out of that file.
    known = _known(config, DURATIONS).items()
    times = [(str(path), float(took)) for path, took in known if isinstance(took, (int, float))]
    return [(path, took) for path, took in times if math.isfinite(took)]


def bound(config: Config) -> list[tuple[str, str]]:
    """What imports bound to their process in an earlier run: (path, a sentence), of files that are as they were then."""
    found = []
    for name, entry in _known(config, BOUND).items():
        path = os.path.join(config.rootpath, name)
        if isinstance(entry, list) and len(entry) == 2 and entry[1] is not None and entry[1] == _checksum(path):
            found.append((path, str(entry[0])))
    return found


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
    except OSError:
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
    _update(cache, DURATIONS, took, {**(took or {}), **dict(frame["durations"])})
    seen = cache.get(BOUND, None)
    _update(cache, BOUND, seen, {**_that_exist(config, seen), **_bound(config, frame["bound"])})
    bytecode.prune(config)


def _bound(config: Config, sentences: list[str]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for sentence in sentences:
        place = _SENTENCE.match(sentence)
        path = os.path.abspath(place[1]) if place else ""
        if (checksum := _checksum(path)) is not None:
            found[os.path.relpath(path, config.rootpath)] = [sentence, checksum]
    return found


def _that_exist(config: Config, seen: Any) -> dict[str, Any]:
    known = seen if isinstance(seen, dict) else {}
    return {name: entry for name, entry in known.items() if os.path.exists(os.path.join(config.rootpath, name))}


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
