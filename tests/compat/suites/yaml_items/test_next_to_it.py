def test_function():
    pass
