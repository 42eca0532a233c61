"""Names read off the code object are those that pytest finds by inspection, or it is left to pytest."""

import functools
import inspect
from unittest import mock

import pytest
from _pytest import compat

from trun_worker.collection.argnames import names_of


def plain():
    pass


def arguments(a, b, *, c):
    inner, outer = a, b
    return [inner, outer, c]


def variadic(a, *args, **kwargs):
    pass


def annotated(a: int, b: "str") -> None:
    pass


def defaults(a, b=1):
    pass


def keyword_defaults(a, *, b=1):
    pass


def positional_only(a, /, b):
    pass


async def asynchronous(a):
    pass


def generator(a):
    yield a


@pytest.mark.parametrize("a", [1])
def marked(a):
    pass


@functools.wraps(arguments)
def wrapped(*args):
    pass


@mock.patch("os.getcwd")
def patched(getcwd, a):
    pass


def signed(*args):
    pass


signed.__signature__ = inspect.signature(annotated)


class Base:
    def inherited(self, a):
        pass


class Cases(Base):
    def method(self, a):
        pass

    @staticmethod
    def static(a):
        pass

    @classmethod
    def class_method(cls, a):
        pass

    def without_self():
        pass


FUNCTIONS = [plain, arguments, variadic, annotated, asynchronous, generator, marked]
LEFT_TO_PYTEST = [
    defaults,
    keyword_defaults,
    positional_only,
    wrapped,
    patched,
    signed,
    functools.partial(arguments, 1),
    print,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_names_are_pytests(function):
    assert names_of(function) == compat.getfuncargnames(function)


@pytest.mark.parametrize("name", ["method", "static", "without_self"])
def test_names_of_methods_are_pytests(name):
    function = getattr(Cases, name)
    assert names_of(function, name, Cases) == compat.getfuncargnames(function, name=name, cls=Cases)


@pytest.mark.parametrize("function", LEFT_TO_PYTEST, ids=repr)
def test_what_is_not_plain_is_left_to_pytest(function):
    assert names_of(function) is None


@pytest.mark.parametrize("name", ["inherited", "class_method"])
def test_methods_that_the_class_does_not_define_itself_are_left_to_pytest(name):
    assert names_of(getattr(Cases, name), name, Cases) is None
