import time

import pytest
from shop import settings


@pytest.mark.parametrize("n", range(4))
def test_own_database(n, worker_id):
    time.sleep(0.01)
    assert settings.DATABASE == "shop_" + worker_id.replace("master", "main")
