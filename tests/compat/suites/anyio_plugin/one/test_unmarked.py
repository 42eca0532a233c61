import anyio


async def test_unmarked(anyio_backend_name):
    await anyio.sleep(0)
    assert anyio_backend_name == "trio"


def test_sync():
    pass
