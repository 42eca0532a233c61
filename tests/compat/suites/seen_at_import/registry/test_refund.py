from shop_events import Handler, handlers


class RefundHandler(Handler):
    pass


def test_carts_are_handled_again():
    assert "CartHandler" in handlers


def test_handlers_stand_in_the_order_of_the_files():
    assert list(handlers) == ["CartHandler", "OrderHandler", "RefundHandler"]
