"""The nouns of the corpus: what binds a process, and the places where a suite can have it. Values; nothing runs here."""

from __future__ import annotations

from dataclasses import dataclass

#: Where the text that binds is put: conftest.py, a plugin that a conftest's `pytest_plugins` or -p names, the only test module,
#: or each of three.
PLACES = ("conftest", "plugins", "option", "module", "modules")

#: Those where the text is imported once.
ONE_HOME = PLACES[:-1]


@dataclass(frozen=True)
class Case:
    """`text` is what is imported; it defines `check(n, worker_id)`, which a test calls, and may use `owner`. `requires`: modules
    of the interpreter. `server`: "postgresql", "redis" or "lines", whose port is then in BOUND_PORT. `bound` False: nothing of it
    keeps workers from being forked after the import."""

    name: str
    text: str
    requires: tuple[str, ...] = ()
    server: str = ""
    bound: bool = True
    places: tuple[str, ...] = PLACES


def cases_of(group: dict[str, str], **common: object) -> list[Case]:
    return [Case(name, text, **common) for name, text in group.items()]  # type: ignore[arg-type]
