"""No test of strings of the standard library's own could be called otherwise."""
import sys


def test_name():
    assert __name__ == "another"


def test_module():
    assert sys.modules.get(__name__) is not None and sys.modules[__name__].__file__ == __file__
