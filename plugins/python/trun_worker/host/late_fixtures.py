"""The host's fixtures, looked for once somebody asks: pytest does so when a session starts, in all plugins, and who runs no test
has no use for them."""

from __future__ import annotations

from typing import Any

import pytest
from _pytest import fixtures


class _OnceAsked:
    """In the place of ``session._fixturemanager``."""

    def __get__(self, session: Any, owner: type) -> Any:
        if session is None:
            return self
        fixtures.pytest_sessionstart(session)
        return vars(session)["_fixturemanager"]


def postpone(config: pytest.Config) -> None:
    """Before the session starts."""
    for implementation in config.hook.pytest_sessionstart.get_hookimpls():
        if implementation.function is fixtures.pytest_sessionstart:
            setattr(implementation, "function", lambda session: None)  # noqa: B010 (it is declared to be final)
            setattr(pytest.Session, "_fixturemanager", _OnceAsked())  # noqa: B010 (its instances have it)
