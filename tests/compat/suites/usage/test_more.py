def test_six_one():
    pass
