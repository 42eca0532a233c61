import pytest


@pytest.mark.asyncio(loop_scope="nowhere")
async def test_bad_scope():
    pass
