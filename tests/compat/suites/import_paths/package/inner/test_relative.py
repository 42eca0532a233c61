import pytest

from .tools import NAME


def test_name():
    assert (__name__, NAME) == ()


def test_conftest():
    from ..conftest import WHERE

    assert WHERE == ""


def test_paths(paths):
    assert paths == []


@pytest.mark.parametrize("name", ["tools", "package.inner.tools", "inner.tools"])
def test_other_names(name):
    module = pytest.importorskip(name)
    assert module.NAME == ""
