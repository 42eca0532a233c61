import sys
import wsgiref
import xml


def test_a_submodule_that_another_file_imports():
    assert xml.dom.minidom.Document() is not None


def test_handlers():
    assert wsgiref.handlers.SimpleHandler is not None


def test_modules():
    assert {"email.charset", "concurrent.futures"} <= set(sys.modules)
