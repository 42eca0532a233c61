def test_one():
    pass


def test_keeps(cache):
    assert cache.get("compat/value", None) is None
    cache.set("compat/value", [1, 2])
    assert cache.get("compat/value", None) == [1, 2]
