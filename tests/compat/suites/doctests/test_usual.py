def test_usual():
    pass
