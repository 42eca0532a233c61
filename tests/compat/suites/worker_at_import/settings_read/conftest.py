import os

# Before anything of the application is imported.
os.environ["SHOP_SUFFIX"] = os.environ.get("PYTEST_XDIST_WORKER", "main")

from shop import settings
