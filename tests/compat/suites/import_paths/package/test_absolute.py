def test_import():
    from package.inner.tools import NAME

    assert NAME == "package.inner.tools"


def test_paths(paths):
    assert paths == []
