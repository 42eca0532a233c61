import rules_of_shop


def add(function):
    return rules_of_shop.rule(function)


@add
def tax():
    return 7


def fee():
    return 1


rules_of_shop.rules.append(fee.__name__)


def test_discounts_are_ruled():
    assert rules_of_shop.rules[0] == "discount"
