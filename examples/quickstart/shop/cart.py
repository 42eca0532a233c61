"""What a customer is about to buy."""

from __future__ import annotations

from shop.money import Money
from shop.warehouse import Warehouse


class OutOfStock(Exception):
    """The warehouse has fewer pieces than were asked for."""


class Cart:
    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._pieces: dict[str, int] = {}

    def add(self, article: str, pieces: int = 1) -> None:
        if pieces < 1:
            raise ValueError("at least one piece")
        wanted = self._pieces.get(article, 0) + pieces
        if self._warehouse.stock(article) < wanted:
            raise OutOfStock(article)
        self._pieces[article] = wanted

    def remove(self, article: str) -> None:
        del self._pieces[article]

    def __len__(self) -> int:
        return sum(self._pieces.values())

    def total(self, discount: int = 0) -> Money:
        """The price of everything, less `discount` per cent."""
        total = Money(0)
        for article, pieces in self._pieces.items():
            total += self._warehouse.price(article) * pieces
        return total.percent(100 - discount)
