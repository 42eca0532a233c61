import pytest

from shop.baskets import Baskets


@pytest.fixture
def baskets(trun_service):
    """This worker's database; it is empty when a file of tests begins."""
    redis = trun_service("redis")
    made = Baskets(redis.host, redis.port, redis.database)
    yield made
    made.close()
