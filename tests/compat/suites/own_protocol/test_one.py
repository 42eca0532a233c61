SEEN = []


def test_third_time():
    SEEN.append(1)
    assert len(SEEN) == 3


def test_bad():
    assert not "ever"


def test_good():
    pass
