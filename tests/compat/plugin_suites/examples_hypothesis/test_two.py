from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

NAME = Path(__file__).stem
SEEN = []


@settings(database=None, max_examples=100, derandomize=True)
@given(st.lists(st.integers()), st.binary())
def test_property(numbers, data):
    SEEN.append((numbers, data))


def test_seen():
    Path(__file__).with_name(f"examples-{NAME}.txt").write_text("\n".join(map(ascii, SEEN)))
