import pytest


@pytest.fixture
def bad_setup():
    print("in set-up")
    raise RuntimeError("set-up")


@pytest.fixture
def bad_teardown():
    yield 1
    print("in tear-down")
    raise RuntimeError("tear-down")


@pytest.fixture
def bad_teardown_too():
    yield 2
    raise OSError("tear-down too")


@pytest.fixture(scope="module")
def bad_module():
    raise LookupError("once a module")


def test_passes():
    pass


def test_setup(bad_setup):
    pass


def test_teardown(bad_teardown):
    print("in call")


def test_call_and_teardown(bad_teardown):
    assert bad_teardown == 2


def test_two_teardowns(bad_teardown, bad_teardown_too):
    pass


def test_setup_after_teardown_fixture(bad_teardown, bad_setup):
    pass


def test_module_error(bad_module):
    pass


def test_module_error_again(bad_module):
    pass


def test_fail_call():
    pytest.fail("by call")


def test_fail_without_trace():
    pytest.fail("no trace", pytrace=False)


def test_system_exit():
    raise SystemExit(3)


def test_exception_without_message():
    raise Exception


def test_assertion_without_rewrite():
    exec("assert 1 == 2, 'plain'")


class Odd(Exception):
    def __str__(self):
        raise ValueError("str failed")

    def __repr__(self):
        raise ValueError("repr failed")


def test_unprintable():
    raise Odd()


def test_raises_block():
    with pytest.raises(ValueError, match="right"):
        raise ValueError("wrong")


def test_did_not_raise():
    with pytest.raises(KeyError):
        pass
