import conftest


def test_own_database(worker_id):
    assert conftest.DATABASE == f"test_{worker_id}"
