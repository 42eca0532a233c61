def pytest_xdist_auto_num_workers(config):
    return 3
