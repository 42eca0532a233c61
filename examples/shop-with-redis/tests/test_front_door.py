import json
import os
import urllib.request

import pytest

pytestmark = pytest.mark.trun(services=["shop", "redis"])


def get(path):
    return json.load(urllib.request.urlopen(os.environ["TRUN_SERVICE_SHOP_URL"] + path, timeout=5))


def test_it_is_open():
    assert get("/health") == {"status": "open"}


def test_it_shows_what_is_in_a_basket(baskets):
    baskets.put("ada", "coffee")
    assert get(f"/basket/{os.environ['TRUN_SERVICE_REDIS_DATABASE']}/ada") == ["coffee"]
