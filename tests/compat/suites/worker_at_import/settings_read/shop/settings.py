import os

DATABASE = "shop_" + os.environ["SHOP_SUFFIX"]
