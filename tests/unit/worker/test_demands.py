"""What ``@pytest.mark.trun`` says, from the items that pytest collected."""

import pytest

from trun_worker.collection import demands

pytest_plugins = ["pytester"]


def collect(pytester, source):
    pytester.makeini("[pytest]\nmarkers =\n  trun: ours\n  slow\n  big\n")
    items = pytester.getitems(source)
    return items[0].session, items


class Session:
    def __init__(self, items):
        self.items = items


def test_markers_of_function_class_and_module_add_up(pytester):
    _, items = collect(
        pytester,
        """
        import pytest
        pytestmark = pytest.mark.trun(resources=["db"], isolate="file")

        @pytest.mark.trun(serial=True, services="redis")
        class TestA:
            @pytest.mark.trun(resources=["gpu:2", "db"], isolate="test")
            def test_near(self): pass
            def test_above(self): pass
        """,
    )
    found = demands.demands(Session(items))
    assert found == [
        [0, ["test", ["gpu:2", "db"], True, ["redis"]]],
        [1, ["file", ["db"], True, ["redis"]]],
    ]


def test_items_without_markers_say_nothing(pytester):
    _, items = collect(pytester, "def test_a(): pass\ndef test_b(): pass\n")
    assert demands.demands(Session(items)) == []
    assert demands.marks(Session(items), ["slow"]) == []


def test_only_wanted_markers_are_told(pytester):
    _, items = collect(
        pytester,
        """
        import pytest
        pytestmark = pytest.mark.slow

        @pytest.mark.big
        def test_a(): pass
        def test_b(): pass
        """,
    )
    assert demands.marks(Session(items), ["big", "slow"]) == [[0, ["big", "slow"]], [1, ["slow"]]]
    assert demands.marks(Session(items), ["big"]) == [[0, ["big"]]]
    assert demands.marks(Session(items), []) == []


@pytest.mark.parametrize(
    ("marker", "message"),
    [
        ("'gpu'", "has no positional arguments"),
        ("resource=['gpu']", "unknown argument 'resource'"),
        ("once=True", "once is for session fixtures: name the fixture in trun.toml, [fixtures] once = [...]"),
        ("isolate='tests'", "isolate='tests' (allowed: none, file, test)"),
        ("resources=[1]", "resources=[1] is no list of strings"),
        ("resources=['gpu:0']", "resources: 'gpu:0' (allowed"),
        ("resources=['read:db:1']", "resources: 'read:db:1' (allowed"),
        ("services=3", "services=3 is no list of strings"),
    ],
)
def test_what_a_marker_cannot_say(pytester, marker, message):
    _, items = collect(pytester, f"import pytest\n@pytest.mark.trun({marker})\ndef test_a(): pass\n")
    with pytest.raises(pytest.UsageError) as caught:
        demands.demands(Session(items))
    assert message in str(caught.value)
    assert "::test_a: @pytest.mark.trun: " in str(caught.value)
