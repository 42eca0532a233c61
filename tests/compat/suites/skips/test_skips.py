import pytest


@pytest.mark.skip
def test_bare():
    pass


@pytest.mark.skip(reason="by mark")
def test_mark():
    pass


@pytest.mark.skip("positional")
def test_positional():
    pass


@pytest.mark.skipif(True, reason="by condition")
def test_if():
    pass


@pytest.mark.skipif("True", reason="by string")
def test_string():
    pass


def test_call():
    pytest.skip("by call")


def test_importorskip():
    pytest.importorskip("there_is_no_such_module")


def test_importorskip_reason():
    pytest.importorskip("there_is_no_such_module", reason="my own reason")


@pytest.fixture
def unavailable():
    pytest.skip("from a fixture")


def test_fixture(unavailable):
    pass


@pytest.fixture
def late():
    yield
    pytest.skip("in tear-down")


def test_teardown_skips(late):
    pass


@pytest.mark.skip(reason="a whole class")
class TestClass:
    def test_one(self):
        pass

    def test_two(self):
        pass


@pytest.mark.parametrize("n", range(3))
def test_folded(n):
    pytest.skip("all for the same reason")


def test_passes():
    pass
