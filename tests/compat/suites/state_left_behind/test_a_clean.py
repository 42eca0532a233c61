import ledger


def test_no_order_is_open():
    assert not ledger.open_orders
