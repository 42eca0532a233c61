"""Whether pytest may import anything of the user's between the two fork points (fork_server.py)."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.config import Config

_HOOK = "pytest_load_initial_conftests"
_OWN = ("_pytest", "trun_worker", "xdist")


def may_follow(config: Config) -> bool:
    """Where this is false, the server at its late fork point has imported no more than its twin would have: it needs none.

    In doubt true. If false was wrong, workers that must import everything themselves are launched instead of forked.
    """
    try:
        if any(_is_others(implementation) for implementation in getattr(config.hook, _HOOK).get_hookimpls()):
            return True
        asked: Any = config.known_args_namespace
        return not asked.noconftest and (asked.pyargs or any(map(_has_conftest, _folders(config, asked))))
    except Exception:  # whatever shape this pytest has there
        return True


def _is_others(implementation: Any) -> bool:
    """Whether somebody beyond pytest does something then, and may import what he likes."""
    return str(implementation.function.__module__).partition(".")[0] not in _OWN


def _folders(config: Config, asked: Any) -> set[str]:
    """Where pytest looks for initial conftests, and all folders above."""
    given = asked.file_or_dir or config.getini("testpaths") or ["."]
    found: set[str] = set()
    for argument in given:
        path = os.path.join(config.invocation_params.dir, str(argument).partition("::")[0])
        if any(letter in path for letter in "*?["):
            raise ValueError(path)  # a pattern, in testpaths
        folder = path if os.path.isdir(path) else os.path.dirname(path)
        for place in {os.path.abspath(folder), os.path.realpath(folder)}:
            found.update(_with_those_above(place), _with_tests(place))
    return found


def _with_those_above(folder: str) -> Iterator[str]:
    yield folder
    while (above := os.path.dirname(folder)) != folder:
        yield above
        folder = above


def _with_tests(folder: str) -> Iterator[str]:
    """Folders in it that pytest asks as well."""
    with os.scandir(folder) as entries:
        yield from (entry.path for entry in entries if entry.name.startswith("test"))


def _has_conftest(folder: str) -> bool:
    return os.path.isfile(os.path.join(folder, "conftest.py"))
