import time

import pytest

DONE = []


@pytest.mark.parametrize("step", range(12))
def test_step(step):
    time.sleep(0.02)
    assert list(range(step)) == DONE
    DONE.append(step)
