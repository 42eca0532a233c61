"""Twenty runs of the soak: whoever dies or is stopped, the run ends, the ledger is exact, nothing is left."""

import pytest

import soak


@pytest.mark.parametrize("seed", range(20))
def test_a_kill_at_random(seed, tmp_path):
    after = soak.one_run(soak.Attack.of(seed), tmp_path)
    after.check()
    assert (after.clean_up or 0.0) < soak.CLEAN_UP
