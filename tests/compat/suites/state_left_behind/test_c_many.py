import ledger
import pytest


@pytest.mark.parametrize("number", range(100, 130))
def test_orders_stay_open(number):
    ledger.open_orders.add(number)
