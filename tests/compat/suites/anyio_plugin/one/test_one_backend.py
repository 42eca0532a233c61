import anyio
import pytest

pytestmark = pytest.mark.anyio


@pytest.fixture
async def stream():
    send, receive = anyio.create_memory_object_stream(2)
    async with send, receive:
        yield send, receive
    print("streams closed")


@pytest.fixture
async def broken():
    raise OSError("set-up under anyio")


async def test_sends(stream):
    send, receive = stream
    await send.send("a")
    assert await receive.receive() == "a"


async def test_sends_another(stream):
    send, receive = stream
    await send.send("a")
    assert await receive.receive() == "b"


async def test_broken(broken):
    pass


async def test_times_out():
    with anyio.move_on_after(0.01) as scope:
        await anyio.sleep(10)
    assert not scope.cancelled_caught


async def test_group_of_failures():
    async def fail(text):
        raise RuntimeError(text)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(fail, "one")


async def test_backend(anyio_backend_name):
    assert anyio_backend_name == "asyncio"


async def test_thread():
    assert await anyio.to_thread.run_sync(lambda: 1 + 1) == 2


@pytest.mark.xfail
async def test_expected():
    await anyio.sleep(0)
    assert 0


def test_sync():
    print("no coroutine")
    assert anyio.run(anyio.sleep, 0) == 1
