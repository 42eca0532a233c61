import pytest

pytest.importorskip("trun_compat_no_such_module")
import wsgiref.util


def test_never():
    assert wsgiref.util
