import xml.dom.minidom


def test_parse():
    assert xml.dom.minidom.parseString("<a/>")
