import dataclasses
import enum

import pytest
from bases import TestBase


class TestOuter:
    shared = []

    def test_first(self):
        self.shared.append("first")
        self.own = "gone by the next test"

    def test_each_test_has_an_instance_of_its_own(self):
        assert self.shared == ["first"]
        assert not hasattr(self, "own")

    def helper(self):
        raise AssertionError("never runs")

    test_value = 3

    @property
    def test_property(self):
        raise AssertionError("never runs")

    class TestInner:
        def test_deep(self):
            assert TestOuter.shared == 1

        class TestInnermost:
            def test_deepest(self):
                print("deepest")

    class NotATest:
        def test_unseen(self):
            raise AssertionError("never runs")


class TestDerived(TestBase):
    expected = 2

    def test_overridden(self):
        pass

    def test_own(self):
        pass


TestAlias = TestBase


class TestWithConstructor:
    def __init__(self):
        raise AssertionError("never made")

    def test_unseen(self):
        pass


class TestWithNew:
    def __new__(cls):
        raise AssertionError("never made")

    def test_unseen(self):
        pass


@dataclasses.dataclass
class TestData:
    field: int = 0

    def test_unseen(self):
        pass


class TestEnum(enum.Enum):
    test_member = 1


class TestRefuses:
    __test__ = False

    def test_unseen(self):
        raise AssertionError("never runs")


class TestAllowsAgain(TestRefuses):
    __test__ = True

    def test_seen(self):
        pass


class TestStatic:
    @staticmethod
    def test_static():
        pass

    @classmethod
    def test_class_method(cls):
        assert cls is TestStatic

    @staticmethod
    @pytest.mark.parametrize("n", [1, 2])
    def test_static_with_parameters(n):
        assert n == 1


@pytest.mark.usefixtures("counted")
class TestFixturesInClasses:
    count = 0

    @pytest.fixture
    def counted(self):
        type(self).count += 1
        return self.count

    @pytest.fixture(autouse=True)
    def of_each(self, request):
        yield
        print("after", request.node.name)

    def test_once(self, counted):
        assert counted == 1

    def test_twice(self, counted):
        assert counted == 1


class TestOverridesFixtures(TestFixturesInClasses):
    @pytest.fixture
    def counted(self):
        return 1


class Meta(type):
    def __dir__(cls):
        return [*super().__dir__(), "test_from_nowhere"]

    def __getattr__(cls, name):
        if name == "test_from_nowhere":
            return lambda self: None
        raise AttributeError(name)


class TestMeta(metaclass=Meta):
    def test_plain(self):
        pass


class SuiteOfAnotherName:
    def test_named(self):
        pass

    def check_named(self):
        assert 0, "checked"


class Test:
    def test_shortest_name(self):
        pass

    def testsuite(self):
        pass


def check_function():
    assert 0, "checked"


def test():
    pass


test_lambda = lambda: None  # noqa: E731
test_partial = __import__("functools").partial(int, "3")


class Callable:
    def __call__(self):
        raise AssertionError("never runs")


test_callable = Callable()
