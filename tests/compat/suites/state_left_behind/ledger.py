"""What the tests of this suite leave in their process."""

open_orders: set[int] = set()
