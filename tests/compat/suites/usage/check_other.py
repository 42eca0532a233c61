def test_by_the_other_file():
    assert 0, "found"
