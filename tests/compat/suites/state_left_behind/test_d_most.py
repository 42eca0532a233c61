import ledger
import pytest


@pytest.mark.parametrize("number", range(200, 240))
def test_orders_stay_open(number):
    ledger.open_orders.add(number)
