"""All cases of the corpus, and which of the many ways to run them are run. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from bound import connections, files, names, processes, threads, unbound
from bound.case import Case

CASES: tuple[Case, ...] = (
    *threads.CASES,
    *connections.CASES,
    *files.CASES,
    *names.CASES,
    *processes.CASES,
    *unbound.CASES,
)

NUMPROCESSES = (0, 1, 2, 4)
COLLECTS = ("auto", "each", "once", "sharded")
#: How often each case is run at each place, unless all ways are asked for.
WAYS = 2


@dataclass(frozen=True)
class Way:
    """One run of one case."""

    case: Case
    place: str
    numprocesses: int = 2
    collect: str = "auto"

    def __str__(self) -> str:
        return f"{self.case.name} / {self.place} / -n {self.numprocesses} / {self.collect}"


def every_way(cases: tuple[Case, ...]) -> list[Way]:
    return [
        Way(case, place, *rest) for case in cases for place in case.places for rest in product(NUMPROCESSES, COLLECTS)
    ]


def some_ways(cases: tuple[Case, ...]) -> list[Way]:
    """Each case at each place; the pairs of -n and --collect in turn, so that each comes about as often."""
    pairs = list(product(NUMPROCESSES, COLLECTS))
    spots = [(case, place) for case in cases for place in case.places]
    turns = [(spot, 5 * (WAYS * index + turn)) for index, spot in enumerate(spots) for turn in range(WAYS)]
    return [Way(case, place, *pairs[turn % len(pairs)]) for (case, place), turn in turns]


def one_way(cases: tuple[Case, ...]) -> list[Way]:
    """Each case once, as it is run where nobody says how, with two workers; the places in turn."""
    return [Way(case, case.places[index % len(case.places)]) for index, case in enumerate(cases)]
