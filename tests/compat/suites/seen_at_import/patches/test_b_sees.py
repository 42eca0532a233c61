import os

import settings_of_shop


def test_the_patch_is_seen_elsewhere():
    assert settings_of_shop.currency == "CHF"


def test_the_variables_are_seen_elsewhere():
    assert (os.environ["TRUN_COMPAT_SHOP"], os.environ["TRUN_COMPAT_TILL"]) == ("open", "1")
