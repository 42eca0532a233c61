SEEN = []


def test_second_time():
    SEEN.append(1)
    assert len(SEEN) == 2
