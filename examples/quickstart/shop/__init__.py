"""A shop with money, a cart, and a warehouse that answers slowly."""
