import pytest

from shop.money import Money


@pytest.mark.parametrize(
    ("text", "cents"),
    [("0", 0), ("1", 100), ("12.50", 1250), (" 3.05 ", 305), ("-4.20", -420), ("1000000", 100_000_000)],
)
def test_parse(text, cents):
    assert Money.parse(text) == Money(cents)


@pytest.mark.parametrize("text", ["", "1.5", "1,50", "one", "1.234", "--1"])
def test_parse_refuses(text):
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text)


@pytest.mark.parametrize("text", ["0.00", "0.05", "12.50", "-4.20"])
def test_str_is_what_parse_reads(text):
    assert str(Money.parse(text)) == text


class TestArithmetic:
    def test_add(self):
        assert Money(150) + Money(250) == Money(400)

    def test_times(self):
        assert Money(30) * 3 == Money(90)

    @pytest.mark.parametrize(("rate", "cents"), [(100, 999), (50, 500), (10, 100), (1, 10), (0, 0)])
    def test_percent_rounds_half_up(self, rate, cents):
        assert Money(999).percent(rate) == Money(cents)

    def test_order(self):
        assert sorted([Money(3), Money(1), Money(2)]) == [Money(1), Money(2), Money(3)]
