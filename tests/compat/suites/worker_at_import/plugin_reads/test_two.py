import naming


def test_own_name(worker_id):
    assert worker_id == naming.WORKER
