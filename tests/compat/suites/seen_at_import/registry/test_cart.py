from shop_events import Handler, handlers


class CartHandler(Handler):
    pass


def test_orders_are_handled_too():
    assert "OrderHandler" in handlers


def test_handlers_stand_in_the_order_of_the_files():
    assert list(handlers) == ["CartHandler", "OrderHandler", "RefundHandler"]
