import sys

import pytest


@pytest.mark.xfail
def test_bare():
    assert 0


@pytest.mark.xfail(reason="it passes")
def test_xpass():
    pass


@pytest.mark.xfail(strict=True, reason="strictly")
def test_strict_xpass():
    pass


@pytest.mark.xfail(strict=True)
def test_strict_xfail():
    assert [1] == [2]


@pytest.mark.xfail(raises=ValueError, reason="only ValueError")
def test_raises_right():
    raise ValueError("right")


@pytest.mark.xfail(raises=(ValueError, KeyError))
def test_raises_wrong():
    raise IndexError("wrong")


@pytest.mark.xfail(run=False, reason="would crash")
def test_not_run():
    raise SystemExit("never")


@pytest.mark.xfail(sys.version_info > (3,), reason="condition holds")
def test_condition():
    assert 0


@pytest.mark.xfail("sys.platform == 'nowhere'", reason="condition does not hold")
def test_condition_false():
    assert 0


@pytest.mark.xfail("1 +", reason="broken")
def test_condition_broken():
    pass


@pytest.mark.xfail(False)
def test_condition_without_reason():
    pass


def test_imperative():
    print("before")
    pytest.xfail("by call")


def test_added_in_test(request):
    request.node.add_marker(pytest.mark.xfail(reason="added in the test"))
    assert 0


@pytest.fixture
def marking(request):
    request.node.add_marker(pytest.mark.xfail(reason="added in a fixture", strict=True))


def test_added_in_fixture(marking):
    assert 0


def test_added_in_fixture_passes(marking):
    pass


@pytest.fixture
def failing():
    raise RuntimeError("fixture")


@pytest.mark.xfail(reason="set-up fails")
def test_setup(failing):
    pass


@pytest.fixture
def failing_late():
    yield
    raise RuntimeError("late")


@pytest.mark.xfail(reason="tear-down fails")
def test_teardown(failing_late):
    pass
