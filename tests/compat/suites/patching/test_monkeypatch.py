import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


class Shop:
    open = True

    def price(self):
        return 3


def test_setenv(monkeypatch):
    monkeypatch.setenv("SHOP_MODE", "test")
    assert os.environ["SHOP_MODE"] == "test"


def test_setenv_is_undone():
    assert "SHOP_MODE" not in os.environ


def test_setenv_warns(monkeypatch):
    monkeypatch.setenv("SHOP_MODE", 1)


def test_setenv_prepend(monkeypatch):
    monkeypatch.setenv("SHOP_PATH", "a")
    monkeypatch.setenv("SHOP_PATH", "b", prepend=":")
    assert os.environ["SHOP_PATH"] == "a:b"


def test_delenv(monkeypatch):
    monkeypatch.delenv("THERE_IS_NO_SUCH_NAME", raising=False)
    monkeypatch.delenv("HOME")
    home = os.environ.get("HOME")
    assert home == "deleted"


def test_delitem_unknown(monkeypatch):
    monkeypatch.delitem({"tea": 1}, "coffee")


def test_chdir(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert Path.cwd() == HERE


def test_chdir_is_undone():
    assert Path.cwd() == HERE


def test_syspath_prepend(monkeypatch):
    monkeypatch.syspath_prepend(HERE / "elsewhere")
    import only_here

    assert only_here.VALUE == "not found"


def test_syspath_is_undone():
    assert str(HERE / "elsewhere") not in sys.path
    assert "only_here" in sys.modules


def test_setattr(monkeypatch):
    monkeypatch.setattr(Shop, "price", lambda self: 4)
    assert Shop().price() == 4


def test_setattr_is_undone():
    assert Shop().price() == 4


def test_setattr_by_name(monkeypatch):
    monkeypatch.setattr("os.path.exists", lambda path: "patched")
    assert os.path.exists("/") == "patched"


def test_setattr_unknown(monkeypatch):
    monkeypatch.setattr(Shop, "closed", True)


def test_setattr_unknown_by_name(monkeypatch):
    monkeypatch.setattr("os.no_such_thing.at_all", True)


def test_setitem(monkeypatch):
    prices = {"tea": 1}
    monkeypatch.setitem(prices, "tea", 2)
    monkeypatch.delitem(prices, "coffee", raising=False)
    assert prices == {"tea": 1}


def test_context():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Shop, "open", False)
        assert not Shop.open
    assert not Shop.open


def test_undo(monkeypatch):
    monkeypatch.setenv("SHOP_MODE", "test")
    monkeypatch.undo()
    mode = os.environ.get("SHOP_MODE")
    assert mode == "test"


@pytest.fixture
def late(monkeypatch):
    monkeypatch.setattr(Shop, "open", "patched")
    yield
    assert Shop.open == "undone already"


def test_undone_after_the_fixture(late):
    pass
