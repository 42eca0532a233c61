import time

import pytest


@pytest.mark.parametrize("n", range(10))
def test_slow(n):
    time.sleep(0.03)
