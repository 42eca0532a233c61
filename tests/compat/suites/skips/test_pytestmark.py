import pytest

pytestmark = [pytest.mark.skip(reason="by pytestmark")]


def test_one():
    pass
