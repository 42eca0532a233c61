"""Which of the product {collect} x {lane} x {-n} is run for a variant. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from compare.suites import LANES, NUMPROCESSES, Numprocesses, Variant


@dataclass(frozen=True)
class Combination:
    collect: str
    lane: str
    numprocesses: Numprocesses

    def __str__(self) -> str:
        return f"{self.collect} {self.lane} -n {self.numprocesses}"

    @property
    def arguments(self) -> list[str]:
        return ["--collect", self.collect, "--lane", self.lane, *workers_option(self.numprocesses)]


def workers_option(numprocesses: Numprocesses) -> list[str]:
    """-n as trun and xdist take it."""
    return [] if numprocesses == "own" else ["-n", str(numprocesses)]


def whole_product(variant: Variant) -> list[Combination]:
    return [Combination(*chosen) for chosen in product(variant.collect, LANES, variant.numprocesses)]


#: From so many variants of one suite on, each leaves out a part of the pairs that the others have.
SHARED_BY = 3


def pairwise(variant: Variant, turn: int, variants: int = 1) -> list[Combination]:
    """Every pair of values occurs: each (collect, -n), with lanes in turn. `turn` swaps the lanes from variant to variant. Of a
    suite with many `variants` each leaves out a third, in turn: each (collect, -n) occurs in two of three."""
    chosen = []
    for row, collect in enumerate(variant.collect):
        columns = list(enumerate(variant.numprocesses))
        if variants >= SHARED_BY and len(columns) == len(NUMPROCESSES):
            columns = [(column, number) for column, number in columns if (row + column + turn) % len(columns)]
        for place, (_, numprocesses) in enumerate(columns):
            chosen.append(Combination(collect, LANES[(row + place + turn) % len(LANES)], numprocesses))
    return chosen


def quick(variant: Variant, turn: int, first: int = 0, variants: int = 1) -> list[Combination]:
    """Every value occurs; pairs of values over the variants. For a person at work, and CI.

    If many `variants` of a suite are run, with turns from `first` on, each has one combination: every value occurs in any three.
    """
    numbers = variant.numprocesses
    lanes = len(LANES)
    if variants >= SHARED_BY:
        collect = variant.collect[turn % len(variant.collect)]
        lane = LANES[(turn + first // 2) % lanes]
        return [Combination(collect, lane, numbers[(turn + first) % len(numbers)])]
    return [
        Combination(collect, LANES[(row + turn) % lanes], numbers[(row + turn // lanes) % len(numbers)])
        for row, collect in enumerate(variant.collect)
    ]
