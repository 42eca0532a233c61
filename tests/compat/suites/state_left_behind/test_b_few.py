import ledger
import pytest


@pytest.mark.parametrize("number", range(5))
def test_no_large_order_is_open(number):
    assert all(order < 100 for order in ledger.open_orders)
    ledger.open_orders.add(number)
