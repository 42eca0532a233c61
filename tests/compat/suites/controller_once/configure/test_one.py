from pathlib import Path

import pytest


@pytest.mark.parametrize("n", range(4))
def test_assets(n):
    assert Path(__file__).with_name("assets.txt").read_text() == "built\n"
