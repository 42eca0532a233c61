import xml


def test_parse():
    assert xml.dom.minidom.parseString("<b/>")
