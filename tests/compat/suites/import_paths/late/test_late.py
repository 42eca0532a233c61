def test_helper():
    from late_helper import NAME

    assert NAME == "early"
