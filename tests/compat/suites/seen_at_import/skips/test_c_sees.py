import sys

import book_of_names


def test_what_ran_until_it_was_skipped():
    assert book_of_names.names == ["before"]


def test_what_stands_below_was_not_imported():
    assert "wsgiref.util" not in sys.modules
