from handlers import HANDLERS, handler


@handler
def two():
    pass


def test_all_handlers():
    assert sorted(HANDLERS) == ["one", "two"]
