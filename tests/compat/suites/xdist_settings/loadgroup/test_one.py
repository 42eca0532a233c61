import time
from pathlib import Path

import pytest

HOME = Path(__file__).with_name("home.txt")


@pytest.mark.xdist_group("device")
@pytest.mark.parametrize("n", range(5))
def test_one_worker(n, worker_id):
    time.sleep(0.02)
    if not HOME.exists():
        HOME.write_text(worker_id)
    assert HOME.read_text() == worker_id
