"""Coroutines need no plugin where a test runs them itself."""

import asyncio
import sys

import pytest

from shop.money import Money


async def order(number, seconds):
    await asyncio.sleep(seconds)
    return number, Money(100 * number)


def test_orders_are_taken_side_by_side():
    async def take_all():
        return await asyncio.gather(*(order(number, 0.05) for number in range(10)))

    orders = asyncio.run(take_all())
    assert [number for number, _ in orders] == list(range(10))


@pytest.mark.parametrize("number", range(6))
def test_one_order(number):
    assert asyncio.run(order(number, 0.1)) == (number, Money(100 * number))


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has a proactor loop")
def test_the_proactor_loop():
    assert asyncio.ProactorEventLoop()
