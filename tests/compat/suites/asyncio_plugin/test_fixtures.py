import asyncio

import pytest
import pytest_asyncio

LOG = []


@pytest_asyncio.fixture
async def number():
    await asyncio.sleep(0)
    return 42


@pytest_asyncio.fixture
async def closing():
    LOG.append("opened")
    yield LOG
    await asyncio.sleep(0)
    LOG.append("closed")
    print("closed")


@pytest_asyncio.fixture
async def broken():
    print("about to break")
    raise OSError("set-up of an async fixture")


@pytest_asyncio.fixture
async def breaks_late():
    yield "early"
    raise OSError("tear-down of an async fixture")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_wide():
    LOG.append("module opened")
    yield asyncio.get_running_loop()
    print("module closed")


@pytest.mark.asyncio
async def test_number(number):
    assert number == 42


@pytest.mark.asyncio
async def test_number_is_wrong(number):
    assert number == 43


@pytest.mark.asyncio
async def test_opened(closing):
    assert closing[-1] == "opened"


@pytest.mark.asyncio
async def test_was_closed():
    assert LOG[-1] == "closed"


@pytest.mark.asyncio
async def test_broken(broken):
    raise AssertionError("never runs")


@pytest.mark.asyncio
async def test_breaks_late(breaks_late):
    assert breaks_late == "early"


@pytest.mark.asyncio
async def test_fails_and_breaks_late(breaks_late):
    assert breaks_late == "late"


@pytest.mark.asyncio(loop_scope="module")
async def test_one_loop(module_wide):
    assert asyncio.get_running_loop() is module_wide


@pytest.mark.asyncio(loop_scope="module")
async def test_the_same_loop(module_wide):
    assert asyncio.get_running_loop() is module_wide


@pytest.mark.asyncio
async def test_another_loop(module_wide):
    assert asyncio.get_running_loop() is not module_wide


def test_sync_asks_for_async(number):
    assert number == 42


@pytest.mark.asyncio(loop_scope="class")
class TestLoopOfTheClass:
    loop = None

    async def test_first(self):
        TestLoopOfTheClass.loop = asyncio.get_running_loop()

    async def test_second(self):
        assert asyncio.get_running_loop() is TestLoopOfTheClass.loop


@pytest.mark.asyncio
async def test_leaves_a_task():
    asyncio.get_running_loop().create_task(asyncio.sleep(60))
