SEEN = []


def test_engine(engine):
    assert engine in ("STEAM", "RED")


def test_depth(depth, engine):
    SEEN.append(depth)


def test_order_of_depths():
    assert SEEN == ["shown"]


def twice_made():
    print("made by a hook")
