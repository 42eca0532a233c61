import anyio
import pytest


@pytest.fixture(scope="module")
def anyio_backend_options():
    return {}


@pytest.fixture(scope="module")
async def shared(anyio_backend):
    yield [anyio_backend]
    print("shared is closed")


@pytest.mark.anyio
async def test_shared(shared):
    shared.append("first")
    await anyio.sleep(0)


@pytest.mark.anyio
async def test_shared_again(shared):
    assert shared[1:] == ["first"]
    await anyio.sleep(0)


def test_sync():
    pass


@pytest.mark.anyio
class TestMethods:
    async def test_method(self, anyio_backend_name):
        await anyio.sleep(0)
        assert anyio_backend_name == "curio"
