from rules_of_shop import rule, rules


@rule
def discount():
    return 5


def test_taxes_are_ruled():
    assert rules == ["discount", "tax", "fee"]
