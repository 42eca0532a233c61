"""Tests that wait: what two workers do in half the time."""

import pytest

from shop.cart import Cart
from shop.money import Money

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("article", ["apple", "bread", "cheese", "lamp"])
@pytest.mark.parametrize("pieces", [1, 2, 5])
def test_add_from_a_slow_warehouse(slow_warehouse, article, pieces):
    cart = Cart(slow_warehouse)
    cart.add(article, pieces)
    assert cart.total() == slow_warehouse.price(article) * pieces


def test_everything_at_once(slow_warehouse):
    cart = Cart(slow_warehouse)
    for article in ("apple", "bread", "cheese", "lamp"):
        cart.add(article)
    assert cart.total() == Money(4955)
