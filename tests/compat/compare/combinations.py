"""Which of the product {collect} x {lane} x {-n} is run for a variant. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from compare.suites import LANES, Variant


@dataclass(frozen=True)
class Combination:
    collect: str
    lane: str
    numprocesses: int

    def __str__(self) -> str:
        return f"{self.collect} {self.lane} -n {self.numprocesses}"

    @property
    def arguments(self) -> list[str]:
        return ["--collect", self.collect, "--lane", self.lane, "-n", str(self.numprocesses)]


def whole_product(variant: Variant) -> list[Combination]:
    return [Combination(*chosen) for chosen in product(variant.collect, LANES, variant.numprocesses)]


def pairwise(variant: Variant, turn: int) -> list[Combination]:
    """Every pair of values occurs: each (collect, -n), with lanes in turn. `turn` swaps the lanes from variant to variant."""
    chosen = []
    for row, collect in enumerate(variant.collect):
        for column, numprocesses in enumerate(variant.numprocesses):
            lane = LANES[(row + column + turn) % len(LANES)]
            chosen.append(Combination(collect, lane, numprocesses))
    return chosen


def quick(variant: Variant, turn: int) -> list[Combination]:
    """Every value occurs; pairs of values over the variants. For a person at work."""
    numbers = variant.numprocesses
    lanes = len(LANES)
    return [
        Combination(collect, LANES[(row + turn) % lanes], numbers[(row + turn // lanes) % len(numbers)])
        for row, collect in enumerate(variant.collect)
    ]
