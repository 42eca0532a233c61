import package.numbers


def test_negative():
    assert package.numbers.sign(-1) == "negative"


def test_count():
    assert package.numbers.count(2) == "all"
