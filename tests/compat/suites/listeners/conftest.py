import pytest

import listeners

pytest.register_assert_rewrite("cases")


def pytest_configure(config):
    listeners.begin(config)
