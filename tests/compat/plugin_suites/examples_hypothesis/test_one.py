from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

NAME = Path(__file__).stem
SEEN = []


@settings(derandomize=True, database=None, max_examples=100)
@given(st.text(), st.integers(), st.floats())
def test_property(text, number, fraction):
    SEEN.append((text, number, repr(fraction)))


def test_seen():
    Path(__file__).with_name(f"examples-{NAME}.txt").write_text("\n".join(map(ascii, SEEN)))
