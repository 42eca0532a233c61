"""Marks, and filters that tests leave changed."""
import warnings

import pytest

import library


@pytest.mark.filterwarnings("ignore:are you sure")
def test_ignored():
    library.doubtful()


@pytest.mark.filterwarnings("ignore:are you certain")
def test_another_is_ignored():
    library.doubtful()


@pytest.mark.filterwarnings("default")
@pytest.mark.filterwarnings("error::UserWarning")
def test_two_marks():
    library.slow()
    library.doubtful()


@pytest.mark.filterwarnings("ignore")
class TestClass:
    def test_all_ignored(self):
        library.slow()

    @pytest.mark.filterwarnings("error")
    def test_but_this(self):
        library.slow()


def test_leaves_filters_behind():
    warnings.simplefilter("ignore")
    library.slow()


def test_filters_are_back():
    library.slow()


def test_resets_filters():
    warnings.resetwarnings()
    library.slow()


def test_filters_are_back_again():
    library.soon()
    library.slow()


def test_replaces_showwarning():
    warnings.showwarning = print
    warnings.simplefilter("always")
    library.slow()


def test_showwarning_is_back():
    library.soon()


def test_new_filter_list():
    warnings.filters = []
    library.slow()


def test_old_filter_list():
    library.slow()


def test_inside_catch_warnings_without_end():
    manager = warnings.catch_warnings(record=True)
    manager.__enter__()
    warnings.simplefilter("always")
    library.soon()


def test_after_catch_warnings_without_end():
    library.soon()
    assert 0
