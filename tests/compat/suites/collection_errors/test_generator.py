def test_yields():
    yield 1


def test_next_to_it():
    pass
