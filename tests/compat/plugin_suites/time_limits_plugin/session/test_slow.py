import time

import pytest


@pytest.mark.parametrize("n", range(6))
def test_slow(n):
    time.sleep(0.5)
