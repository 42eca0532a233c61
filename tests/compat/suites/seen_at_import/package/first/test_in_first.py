from .. import registered
from . import helper


def test_both_packages_are_imported():
    assert helper
    assert {"first", "second", "helper"} == set(registered.names)
