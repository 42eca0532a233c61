from handlers import HANDLERS, handler


@handler
def one():
    pass


def test_all_handlers():
    assert sorted(HANDLERS) == ["one", "two"]
