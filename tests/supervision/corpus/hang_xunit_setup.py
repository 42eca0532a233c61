"""setup_module() does not come back."""

import os
import time

import pytest

# The innocent in front is the first to need the module.
GUILTY = {"expect": {"test_innocent_before": "timed_out: timed out in setup"}, "complete": False}
pytestmark = pytest.mark.timeout(1)


def setup_module():
    flag = __import__("pathlib").Path(__file__).with_suffix(".was-here")
    # Where workers share the file, another one may begin it with a later test.
    if "test_innocent_before" in os.environ["PYTEST_CURRENT_TEST"] and not flag.exists():
        flag.touch()
        time.sleep(100)
