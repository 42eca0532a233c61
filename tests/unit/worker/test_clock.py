"""Which measure of a duration counts, whatever a test does to the clock that pytest reads."""

import pytest

from trun_worker.clock import plausible


@pytest.mark.parametrize(
    "seconds, nanoseconds",
    [
        (0.25, 250_000_000),
        (1.5, 1_500_000_000),
        (0.0, 1_000_000_000),
        (-3.0, 1_000_000_000),
        (1e9, 1_000_000_000),
        (float("nan"), 1_000_000_000),
        (float("inf"), 1_000_000_000),
        (None, 1_000_000_000),
    ],
    ids=str,
)
def test_pytests_measure_counts_where_it_can_be_true(seconds, nanoseconds):
    assert plausible(seconds, own=1_000_000_000) == nanoseconds
