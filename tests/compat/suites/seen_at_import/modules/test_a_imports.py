import wsgiref.handlers
import xml.dom.minidom
from concurrent import futures
from email import charset


def test_documents():
    assert xml.dom.minidom.parseString("<a/>").documentElement.tagName == "a"


def test_others():
    assert wsgiref.handlers and futures and charset
