import time

import pytest


@pytest.mark.parametrize("n", range(8))
def test_letter(n, snapshot):
    time.sleep(0.03)
    assert "abcdefgh"[n] == snapshot
