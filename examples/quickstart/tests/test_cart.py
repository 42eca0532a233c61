import pytest

from shop.cart import OutOfStock
from shop.money import Money


def test_a_new_cart_is_empty(cart):
    assert len(cart) == 0
    assert cart.total() == Money(0)


@pytest.mark.parametrize("pieces", [1, 2, 10])
def test_add_counts_pieces(cart, pieces):
    cart.add("apple", pieces)
    assert len(cart) == pieces


def test_add_twice(cart):
    cart.add("apple", 2)
    cart.add("apple", 3)
    assert len(cart) == 5


def test_remove(cart):
    cart.add("apple")
    cart.add("bread")
    cart.remove("apple")
    assert cart.total() == Money(280)


@pytest.mark.parametrize(
    ("discount", "total"), [(0, "36.65"), (10, "32.99"), (25, "27.49"), (50, "18.33"), (100, "0.00")]
)
def test_total_with_discount(cart, discount, total):
    for article, pieces in [("apple", 4), ("cheese", 1), ("bread", 10)]:
        cart.add(article, pieces)
    assert str(cart.total(discount)) == total


class TestRefusals:
    @pytest.mark.parametrize("pieces", [0, -1])
    def test_no_pieces(self, cart, pieces):
        with pytest.raises(ValueError, match="at least one"):
            cart.add("apple", pieces)

    def test_more_than_there_are(self, cart):
        with pytest.raises(OutOfStock, match="apple"):
            cart.add("apple", 11)

    def test_more_than_there_are_in_two_steps(self, cart):
        cart.add("apple", 6)
        with pytest.raises(OutOfStock):
            cart.add("apple", 5)
        assert len(cart) == 6

    def test_unknown_article(self, cart):
        with pytest.raises(KeyError):
            cart.add("unicorn")

    @pytest.mark.xfail(reason="removing single pieces is not offered", strict=True)
    def test_remove_one_of_two(self, cart):
        cart.add("apple", 2)
        cart.remove("apple")
        assert len(cart) == 1
