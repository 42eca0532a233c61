from shop_events import handlers


def test_all_are_there():
    assert len(handlers) == 3
