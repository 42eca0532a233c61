def test_own_database(pytestconfig, worker_id):
    wanted = {"master": "test_0", "gw0": "test_1", "gw1": "test_2"}
    assert pytestconfig.database == wanted[worker_id]
