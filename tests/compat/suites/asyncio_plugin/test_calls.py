import asyncio

import pytest

pytestmark = pytest.mark.asyncio


async def answer(value):
    await asyncio.sleep(0)
    return value


async def test_passes():
    assert await answer(1) == 1


async def test_fails():
    print("before the await")
    assert await answer(1) == 2


async def test_raises():
    async def inner():
        raise LookupError("in the inner coroutine")

    await inner()


@pytest.mark.parametrize("value", [1, 2, 3])
async def test_parametrized(value):
    assert await answer(value) != 2


async def test_times_out():
    await asyncio.wait_for(asyncio.Event().wait(), 0.01)


async def test_cancelled():
    asyncio.current_task().cancel()
    await asyncio.sleep(1)


async def test_two_tasks():
    async def fail(name):
        print("task", name)
        raise RuntimeError(name)

    await asyncio.gather(answer(1), fail("second"), answer(3))


@pytest.mark.xfail(reason="not yet", strict=True)
async def test_xfail():
    assert await answer(0)


@pytest.mark.skip(reason="not at all")
async def test_skipped():
    raise AssertionError("never runs")


async def test_skips_itself():
    await asyncio.sleep(0)
    pytest.skip("in the coroutine")


async def test_captures(capsys):
    print("said to capsys")
    await asyncio.sleep(0)
    assert capsys.readouterr().out == "said otherwise\n"


async def test_logs(caplog):
    import logging

    logging.getLogger("asyncsuite").warning("from a coroutine")
    assert caplog.messages == []


def test_marked_but_not_async():
    pass


class TestInClass:
    async def test_method(self):
        assert await answer(self) is self

    async def test_method_fails(self):
        assert await answer("a") == "b"

    @staticmethod
    async def test_static():
        assert await answer(1)
