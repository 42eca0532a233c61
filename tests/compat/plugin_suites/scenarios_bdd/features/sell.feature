Feature: Selling
  Scenario: Sell
    Given a cart
    Then it has 0 items

  Scenario: Sell wrong
    Given a cart
    Then it has 7 items
