import os

DATABASE = "test_" + os.environ.get("PYTEST_XDIST_WORKER", "master")
