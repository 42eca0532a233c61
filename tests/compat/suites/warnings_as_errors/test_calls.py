import warnings

import pytest

import library


@pytest.mark.parametrize("name", ["old", "older", "soon", "doubtful", "slow"])
def test_each(name):
    getattr(library, name)()


def test_several():
    library.soon()
    library.old()
    library.soon()


def test_the_same_line_again():
    for _ in range(3):
        library.soon()


@pytest.fixture
def warns_in_setup():
    library.doubtful()


@pytest.fixture
def warns_in_teardown():
    yield
    library.doubtful()


def test_setup(warns_in_setup):
    pass


def test_teardown(warns_in_teardown):
    pass


def test_pytest_warns():
    with pytest.warns(UserWarning, match="sure"):
        library.doubtful()


def test_pytest_warns_nothing():
    with pytest.warns(UserWarning):
        pass


def test_pytest_warns_another():
    with pytest.warns(UserWarning, match="certain"):
        library.doubtful()


def test_deprecated_call():
    with pytest.deprecated_call():
        library.older()


def test_deprecated_call_fails():
    with pytest.deprecated_call():
        library.slow()


def test_recwarn(recwarn):
    library.doubtful()
    assert len(recwarn) == 1 and recwarn.pop(UserWarning).lineno == 0


def test_catches_by_itself():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        library.slow()
    assert [str(warning.message) for warning in caught] == ["fast"]


def test_returns_a_value():
    return 1




def test_invalid_escape():
    compile(r"'\d'", "<text>", "eval")


def test_leaks_a_file():
    with open(__file__) as file:
        assert file.readline() == ""
