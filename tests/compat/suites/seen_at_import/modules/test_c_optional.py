import email

import pytest

try:
    import trun_compat_no_such_module
except ImportError:
    trun_compat_no_such_module = None

nothing = pytest.importorskip("wsgiref.validate")


def test_the_other_file_went_on():
    assert trun_compat_no_such_module is None


def test_charset():
    assert email.charset.UTF8 if hasattr(email.charset, "UTF8") else email.charset
