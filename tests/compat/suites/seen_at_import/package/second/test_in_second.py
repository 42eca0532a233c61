from ..registered import names


def test_both_packages_are_imported():
    assert names == ["first", "helper", "second"]
