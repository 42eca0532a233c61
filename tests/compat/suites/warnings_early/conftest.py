import warnings

warnings.warn("at the import of conftest")


def pytest_configure(config):
    warnings.warn("in pytest_configure")
