import pytest


@pytest.mark.limit_memory("1 MB")
def test_too_much():
    assert bytearray(8 * 1024 * 1024)


@pytest.mark.limit_memory("100 MB")
def test_enough():
    assert bytearray(1024)
