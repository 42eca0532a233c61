import book_of_names
import pytest

book_of_names.names.append("before")
pytest.skip("of no use here", allow_module_level=True)
book_of_names.names.append("after")


def test_never():
    raise AssertionError
