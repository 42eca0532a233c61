import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent


@pytest.fixture
def paths():
    """sys.path below this folder, in its order."""
    return [str(Path(entry).relative_to(ROOT)) for entry in sys.path if entry and ROOT in [Path(entry), *Path(entry).parents]]
