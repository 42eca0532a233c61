from pytest_bdd import scenario, scenarios


@scenario("features/sell.feature", "Sell")
def test_sell():
    pass


scenarios("features/sell.feature")
