"""A module.

>>> 1 + 1
2
"""


def double(x):
    """
    >>> double(2)
    4
    >>> double(answer)
    84
    """
    return 2 * x


def wrong(x):
    """
    >>> wrong(1)
    2
    >>> wrong(2)
    3
    """
    return x


def raises():
    """
    >>> raises()
    1
    """
    raise ValueError("raised")


def skipped():
    """
    >>> undefined  # doctest: +SKIP
    """
