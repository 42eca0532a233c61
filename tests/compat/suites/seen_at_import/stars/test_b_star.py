import everything

(everything.register)("b")


def test_b():
    assert everything.seen == ["a", "b"]
