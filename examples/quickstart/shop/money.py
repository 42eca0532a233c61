"""Amounts of money in whole cents."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AMOUNT = re.compile(r"(-?)(\d+)(?:\.(\d{2}))?")


@dataclass(frozen=True, order=True)
class Money:
    cents: int

    @classmethod
    def parse(cls, text: str) -> Money:
        """Reads "12" or "12.50"; anything else is a ValueError."""
        match = _AMOUNT.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not an amount: {text!r}")
        sign, units, cents = match.groups()
        value = int(units) * 100 + int(cents or 0)
        return cls(-value if sign else value)

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __mul__(self, factor: int) -> Money:
        return Money(self.cents * factor)

    def percent(self, rate: int) -> Money:
        """`rate` per cent of this, half a cent rounded up."""
        return Money((self.cents * rate + 50) // 100)

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        return f"{sign}{abs(self.cents) // 100}.{abs(self.cents) % 100:02}"
