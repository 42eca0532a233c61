import time

import pytest


@pytest.mark.parametrize("n", range(8))
def test_number(n, snapshot):
    time.sleep(0.03)
    assert {"n": n, "square": n * n} == snapshot


def test_text(snapshot):
    assert "text" == snapshot
