"""Items that are made without pytest's definition are those that pytest makes with it, in pytest's order."""

import inspect

import pytest
from _pytest import python

from trun_worker.collection.plain_functions import PlainFunctions

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest

@pytest.fixture(autouse=True)
def everywhere(): pass

@pytest.fixture
def plain(everywhere): pass

@pytest.fixture(params=[1, 2])
def many(): pass

@pytest.fixture
def through(many): pass
"""

PLAIN = """
import functools
import pytest

pytestmark = pytest.mark.module

def test_bare(): pass

def test_asks(plain, tmp_path, *, capsys): pass

def test_default(plain, other=1): pass

@pytest.mark.skip(reason="no")
@pytest.mark.usefixtures("plain")
def test_marked(): pass

def test_attributes(): pass
test_attributes.owner = "somebody"

test_again = test_bare

class TestPlain:
    @pytest.mark.owner
    def test_method(self, plain): pass

    @staticmethod
    def test_static(plain): pass

    @classmethod
    def test_class(cls, plain): pass

class TestBelow(TestPlain):
    pytestmark = [pytest.mark.below]

    def test_more(self): pass
"""

OTHERS = """
import functools
import pytest

@pytest.mark.parametrize("case", [1, 2])
def test_cases(case): pass

def test_of_fixture(many): pass

def test_of_fixture_below(through, plain): pass

def test_of_fixture_again(through, plain): pass

@functools.wraps(test_of_fixture)
def test_wrapped(*args): pass

test_partial = functools.partial(test_cases, case=1)

@pytest.mark.usefixtures()
def test_warned(): pass

@pytest.mark.parametrize("case", [1])
class TestCases:
    def test_method(self, case): pass
"""

HOOKS = """
def pytest_generate_tests(metafunc):
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", [1, 2])

def test_module(case): pass

class TestMethod:
    def pytest_generate_tests(self, metafunc):
        metafunc.parametrize("other", [3])

    def test_it(self, other): pass
"""


def facts(item):
    """All that can be asked of an item, as text."""
    info = item._fixtureinfo
    return {
        "item": (type(item), item.nodeid, item.name, item.originalname, str(item.path), item.location),
        "fixtures": (info.argnames, info.initialnames, info.names_closure, item.fixturenames is info.names_closure),
        "definitions": {name: [str(each) for each in each] for name, each in info.name2fixturedefs.items()},
        "marks": ([str(mark) for mark in item.own_markers], [str(mark) for mark in item.iter_markers()]),
        "keywords": sorted(item.keywords),
        "function": (
            getattr(item.function, "__qualname__", ""),
            type(item.obj).__name__,
            type(item.instance).__name__,
            str(item.cls),
        ),
        "state": sorted(item.__dict__),
        "parameters": str(getattr(item, "callspec", None)),
    }


@pytest.fixture
def pytests_own(monkeypatch):
    """``_genfunctions`` is pytest's, also where trun runs these tests; what is installed is gone afterwards."""
    own = python.PyCollector._genfunctions
    if own.__closure__:
        own = inspect.getclosurevars(own).nonlocals["original"]
    monkeypatch.setattr(python.PyCollector, "_genfunctions", own)


@pytest.fixture
def definitions(monkeypatch):
    """The names of the functions that pytest has made a definition of."""
    names = []
    make = python.FunctionDefinition.from_parent

    def from_parent(parent, **kwargs):
        names.append(kwargs["name"])
        return make(parent, **kwargs)

    monkeypatch.setattr(python.FunctionDefinition, "from_parent", from_parent)
    return names


def collected(pytester, text, *options):
    """The facts of all items of a module with ``text``, and what was warned of."""
    pytester.makeconftest(CONFTEST)
    path = pytester.makepyfile(test_it=text)
    items, recorder = pytester.inline_genitems(path, "-p", "no:cacheprovider", "-W", "always", *options)
    warned = [str(call.warning_message.message) for call in recorder.getcalls("pytest_warning_recorded")]
    return [facts(item) for item in items], warned


def in_both_ways(pytester, definitions, text, *options):
    """What was collected, the names of definitions of pytest's own way, and those of ours."""
    own = collected(pytester, text, *options)
    names = [*definitions]
    definitions.clear()
    assert PlainFunctions.install()
    ours = collected(pytester, text, *options)
    assert ours == own
    assert own[0]
    return ours, names, [*definitions]


@pytest.mark.usefixtures("pytests_own")
class TestItems:
    def test_plain_functions_need_no_definition(self, pytester, definitions):
        _, own, ours = in_both_ways(pytester, definitions, PLAIN)
        assert len(own) == 13
        assert ours == []

    def test_each_method_has_an_instance_of_its_own(self, pytester, definitions, monkeypatch):
        instances = []
        make = python.Class.newinstance
        monkeypatch.setattr(python.Class, "newinstance", lambda self: instances.append(make(self)) or instances[-1])
        in_both_ways(pytester, definitions, PLAIN)
        # One for each method, one for the fixtures of each class.
        assert len(instances) == 2 * (7 + 2)

    def test_what_has_parameters_is_left_to_pytest(self, pytester, definitions):
        (_, warned), own, ours = in_both_ways(pytester, definitions, OTHERS)
        assert own == ours
        assert len([text for text in warned if "usefixtures() in" in text]) == 1

    def test_so_is_a_module_that_generates_tests(self, pytester, definitions):
        _, own, ours = in_both_ways(pytester, definitions, HOOKS)
        assert own == ours

    def test_so_is_everything_where_a_plugin_generates_tests(self, pytester, definitions):
        pytester.makepyfile(generates="def pytest_generate_tests(metafunc): pass")
        pytester.syspathinsert()
        _, own, ours = in_both_ways(pytester, definitions, PLAIN, "-p", "generates")
        assert own == ours

    def test_pytest_asyncio_is_asked_for_what_is_its_own(self, pytester, definitions):
        pytest.importorskip("pytest_asyncio")
        text = (
            "import pytest\n\ndef test_plain(): pass\n\nasync def test_it(): pass\n\n"
            "class TestMarked:\n    pytestmark = pytest.mark.asyncio\n\n    def test_method(self): pass\n"
        )
        _, own, ours = in_both_ways(pytester, definitions, text, "-o", "asyncio_mode=auto")
        assert own == ["test_plain", "test_it", "test_method"]
        assert ours == ["test_it", "test_method"]

    def test_it_is_installed_once(self):
        assert PlainFunctions.install()
        assert not PlainFunctions.install()
