import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Nothing; but it sees all items, so that workers are forked after the collection or collect each."""
