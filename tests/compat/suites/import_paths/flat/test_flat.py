import pytest

helper = pytest.importorskip("helper")


def test_helper():
    assert helper.NAME == "flat"


def test_shadowed():
    import sched

    assert getattr(sched, "NAME", "standard") == ""


def test_paths(paths):
    assert paths == []


def test_far_away():
    import far_away

    assert far_away.NAME == "elsewhere"
