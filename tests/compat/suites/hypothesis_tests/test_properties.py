import pytest
from hypothesis import HealthCheck, assume, example, given, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

small = settings(max_examples=20, database=None, deadline=None)


@small
@given(st.integers())
def test_holds(number):
    assert number + 0 == number


@small
@given(st.integers(0, 1000))
def test_fails_and_shrinks(number):
    note(f"tried {number}")
    assert number < 10


@small
@given(st.integers())
@example(7)
def test_explicit_example(number):
    print("number is", number)
    assert number != 7


@small
@given(st.integers())
def test_unsatisfiable(number):
    assume(False)


@pytest.fixture
def per_test():
    return "fixture"


@small
@given(text=st.text(max_size=3))
def test_function_fixture(per_test, text):
    assert isinstance(text, str)


@settings(small, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=3))
def test_function_fixture_allowed(per_test, text):
    assert per_test == "fixture"


@small
@given(st.integers())
def test_wrong_argument(nothing_given):
    pass


class TestMethods:
    @small
    @given(st.lists(st.integers(0, 5), max_size=3))
    def test_method(self, numbers):
        assert sum(numbers) < 4


class Counter(RuleBasedStateMachine):
    count = 0

    @rule()
    def add(self):
        self.count += 1

    @invariant()
    def small(self):
        assert self.count < 3


Counter.TestCase.settings = small
TestCounter = Counter.TestCase


def test_plain():
    pass
