import os
import time

import pytest

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "master")


@pytest.mark.parametrize("n", range(8))
def test_own_name(n, worker_id):
    time.sleep(0.01)
    assert worker_id == WORKER
