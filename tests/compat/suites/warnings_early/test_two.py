import warnings

warnings.warn("at the import of two")


def test_warns():
    warnings.warn("in two")
