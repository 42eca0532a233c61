import pytest

pytest.fail("failed at module level")
