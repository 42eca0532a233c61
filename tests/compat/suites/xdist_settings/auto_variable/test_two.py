import os

import pytest


@pytest.mark.parametrize("n", range(4))
def test_workers(n):
    assert os.environ["PYTEST_XDIST_WORKER_COUNT"] == "3"
