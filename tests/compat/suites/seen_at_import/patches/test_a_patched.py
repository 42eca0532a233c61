import os

import settings_of_shop

settings_of_shop.currency = "CHF"
os.environ["TRUN_COMPAT_SHOP"] = "open"
os.environ.setdefault("TRUN_COMPAT_TILL", "1")


def test_the_patch_is_seen_here():
    assert settings_of_shop.currency == "CHF"
