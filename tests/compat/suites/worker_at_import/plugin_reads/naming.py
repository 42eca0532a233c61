import os

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "master")
