import pytest

pytestmark = pytest.mark.trun(services=["redis"])


@pytest.mark.parametrize("customer", ["ada", "grace", "edsger"])
def test_a_basket_is_empty_at_first(baskets, customer):
    assert baskets.articles(customer) == []


def test_articles_stay_in_order(baskets):
    for article in ("tea", "milk", "sugar"):
        baskets.put("barbara", article)
    assert baskets.articles("barbara") == ["tea", "milk", "sugar"]
