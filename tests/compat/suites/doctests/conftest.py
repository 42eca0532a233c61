import pytest


@pytest.fixture(autouse=True)
def namespace(doctest_namespace):
    doctest_namespace["answer"] = 42
