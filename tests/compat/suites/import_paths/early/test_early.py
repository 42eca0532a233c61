"""Finds, once all is collected, what only another file's folder holds: pytest had put it on sys.path."""


def test_helper_of_another_folder():
    from late_helper import NAME

    assert NAME == "late"


def test_module_of_another_folder():
    from test_late import test_helper

    test_helper()


def test_paths(paths):
    assert paths == []
