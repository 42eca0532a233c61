"""What grows with the suite travels in parts, and is whole at the other end."""

from trun_worker.wire.parts import Gathering, collected
from trun_worker.wire.wire_text import encode

LONG = "x" * 1000


def frame(items=0, reports=0, timeouts=0):
    return {
        "t": "collected",
        "items": [[f"test_a.py::test_{number}[{LONG}]", -1, ""] for number in range(items)],
        "reports": [{"nodeid": f"test_{number}.py", "report": {"longrepr": LONG * 1000}} for number in range(reports)],
        "timeouts": [[number, 5] for number in range(timeouts)],
        "demands": [],
        "marks": [[0, ["slow"]]],
        "deselected": 3,
    }


def test_a_small_suite_needs_one_frame():
    given = frame(items=10, reports=1, timeouts=2)
    assert list(collected(given)) == [frame(items=10, reports=1, timeouts=2)]


def test_a_large_one_comes_in_parts_that_add_up():
    parts = list(collected(frame(items=20_000, reports=12, timeouts=300_000)))
    assert len(parts) > 7
    assert [part["t"] for part in parts] == ["collected_part"] * (len(parts) - 1) + ["collected"]
    assert max(len(encode(part)) for part in parts) < 8 << 20
    whole = frame(items=20_000, reports=12, timeouts=300_000)
    for name in ("items", "reports", "timeouts", "marks"):
        assert [entry for part in parts for entry in part.get(name, [])] == whole[name]
    # What the engine requires of each.
    assert all("items" in part and "reports" in part for part in parts)
    assert parts[-1]["deselected"] == 3


def test_frames_are_gathered_until_nothing_follows():
    gathering = Gathering()
    for _ in range(2):
        assert gathering.add({"t": "ids", "ids": ["a"], "results": {"a": 1}, "more": True}) is None
        assert gathering.add({"t": "ids", "ids": ["b", "c"], "results": {"b": 2}, "more": True}) is None
        whole = gathering.add({"t": "ids", "ids": [], "results": {}, "more": False})
        assert whole["ids"] == ["a", "b", "c"]
        assert whole["results"] == {"a": 1, "b": 2}
