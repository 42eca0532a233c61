Feature: Buying
  Scenario: Buy one
    Given a cart
    When I add 1 item
    Then it has 1 items

  Scenario Outline: Buy many
    Given a cart
    When I add <n> item
    Then it has <m> items

    Examples:
      | n | m |
      | 2 | 2 |
      | 3 | 4 |

  Scenario: No such step
    Given a cart
    When nothing known
