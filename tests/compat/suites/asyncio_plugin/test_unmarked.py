"""Without a mark: run in mode auto, failed by pytest in mode strict."""
import asyncio

import pytest


@pytest.fixture
async def plain():
    return "plain"


async def test_unmarked():
    await asyncio.sleep(0)


async def test_unmarked_fails():
    await asyncio.sleep(0)
    raise ValueError("ran")


async def test_unmarked_fixture(plain):
    assert plain == "plain"


def test_sync():
    assert asyncio.run(asyncio.sleep(0, "slept")) == "slept"


async def test_generator():
    yield 1
