"""Stock and prices, from a store of which each look-up takes a while, as a real one's would."""

from __future__ import annotations

import time

from shop.money import Money


class Warehouse:
    def __init__(self, delay: float = 0.0) -> None:
        self._delay = delay
        self._articles: dict[str, tuple[int, Money]] = {}

    def put(self, article: str, pieces: int, price: Money) -> None:
        self._articles[article] = (pieces, price)

    def stock(self, article: str) -> int:
        return self._look_up(article)[0]

    def price(self, article: str) -> Money:
        return self._look_up(article)[1]

    def _look_up(self, article: str) -> tuple[int, Money]:
        time.sleep(self._delay)
        return self._articles[article]
