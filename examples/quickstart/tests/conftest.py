import pytest

from shop.cart import Cart
from shop.money import Money
from shop.warehouse import Warehouse

PRICES = {"apple": "0.30", "bread": "2.80", "cheese": "7.45", "lamp": "39.00"}


def stocked(delay):
    warehouse = Warehouse(delay)
    for article, price in PRICES.items():
        warehouse.put(article, 10, Money.parse(price))
    return warehouse


@pytest.fixture(scope="session")
def slow_warehouse():
    """One for all tests of a worker; each look-up takes 20 ms."""
    return stocked(0.02)


@pytest.fixture
def warehouse():
    return stocked(0)


@pytest.fixture
def cart(warehouse):
    return Cart(warehouse)
