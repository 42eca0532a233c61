"""What is out of the collector's sight after collecting, and that nobody who asks `gc` can tell: each case in its own process."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "plugins" / "python"

BEGIN = f"""
import gc, sys, types, weakref
sys.path.insert(0, {str(PACKAGE)!r})
from trun_worker.system import garbage
class Node: pass
node = Node(); node.self = node
lost = weakref.ref(node)
gc.disable(); del node; gc.enable()
def frozen(count=gc.get_freeze_count):  # as of one who has it from before
    return count() // 1000  # Python 3.12 itself freezes some hundreds
garbage.watch()
pause = garbage.CollectingPause()
pause.begin()
"""
END = "pause.end()\n"


def run(before, after):
    program = BEGIN + textwrap.dedent(before) + "\n" + END + textwrap.dedent(after)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    ).stdout


def test_what_is_there_after_collecting_is_out_of_sight():
    assert run("", "print(frozen() > 0, lost() is not None)") == "True True\n"


@pytest.mark.parametrize(
    "asks",
    [
        "gc.collect(); print(lost() is None)",
        "from gc import collect; collect(); print(lost() is None)",
        "print(any(type(thing) is Node for thing in gc.get_objects()))",
        "print(any(lost() is thing for thing in gc.get_referrers(Node)))",
        "print(gc.get_freeze_count() < 1000)",
    ],
)
def test_who_asks_gets_everything_back(asks):
    assert run("", f"{asks}; print(frozen())") == "True\n0\n"


@pytest.mark.parametrize(
    "looks",
    [
        "gc.collect()",
        "import gc; gc.collect()",
        "print(gc.collect() >= 0)",
        "gc.get_objects()",
        "def f():\n    gc.collect()\nf()",
        "def f():\n    import gc as g\n    return [g.collect() for _ in range(2)]\nf()",
        "class A:\n    gc.collect()",
    ],
)
def test_who_only_looks_sees_everything_until_the_test_is_over(looks):
    after = f"""
{looks}
print(lost() is None or 'get_objects' in {looks!r}, frozen(), garbage._is_lent)
garbage.put_away()
print(frozen() > 0, garbage._is_lent)
node = Node(); node.self = node; lost = weakref.ref(node); del node
gc.collect()
print(lost(), frozen())
"""
    assert run("", after).removeprefix("True\n") == "True 0 True\nTrue False\nNone 0\n"


@pytest.mark.parametrize(
    "keeps",
    [
        "c = gc.collect",
        "print(gc.collect)",
        "[gc.collect]",
        "list(map(gc.collect, ()))",
        "getattr(gc, 'collect')()",
        "from gc import collect",
        "def f(): return gc.collect\nf()()",
        "f = lambda x=gc.collect: x()",
        "@gc.collect\nclass A:\n    def __index__(self): return 0\n",
        "gc.get_freeze_count()",
        "import operator; operator.methodcaller('collect')(gc)",
        "import functools; functools.partial(gc.collect)()",
        "gc.collect.__call__()",
    ],
)
def test_who_keeps_a_function_can_tell_for_good(keeps):
    program = f"""
try:
{textwrap.indent(keeps, "    ")}
except TypeError:
    pass
print(frozen(), garbage._is_lent, type(gc) is types.ModuleType)
"""
    assert run("", program).endswith("0 False True\n")


def of_module(name, text):
    """A program that runs `text` in a module of that name."""
    return f"exec({text!r}, {{'__name__': {name!r}}})"


def test_who_looks_at_each_attribute_for_its_own_keeps_none():
    look = of_module("freezegun.api", "import gc; [getattr(gc, name) for name in dir(gc)]")
    assert run("", f"{look}; print(frozen() > 0, garbage._is_lent)") == "True False\n"


HUB = """
hubs = []
module = types.ModuleType("gevent._hub_local")
module.get_hub_if_exists = lambda: hubs[0] if hubs else None
sys.modules[module.__name__] = module
"""
KEEPS = of_module("gevent._abstract_linkable", "from gc import get_objects")


def test_gevent_may_keep_what_finds_its_hubs_while_there_is_none():
    after = "print(frozen() > 0); hubs.append(1); gc.collect(); garbage.put_away(); print(frozen())"
    assert run(f"{HUB}\n{KEEPS}", after) == "True\n0\n"
    assert run(f"{HUB}\n{KEEPS}; hubs.append(1)", "print(frozen())") == "0\n"
    assert run(f"{HUB}\nhubs.append(1); {KEEPS}", "print(frozen(), type(gc) is types.ModuleType)") == "0 True\n"


def test_an_extension_of_gevents_asks_from_within_the_import_system():
    loads = """
space = {"__name__": "importlib._bootstrap"}
exec("def load(function, *args): return getattr(args[0].asks, 'get_objects')", space)
module = types.ModuleType("gevent._gevent_c_abstract_linkable")
module.asks = gc
space["load"](None, module)
"""
    assert run(HUB + loads, "print(frozen() > 0)") == "True\n"
    assert run(HUB + loads.replace("gevent.", "others."), "print(frozen())") == "0\n"


def test_who_has_kept_a_function_sees_everything():
    assert run("from gc import collect", "print(frozen()); collect(); print(lost())") == "0\nNone\n"


def test_what_the_user_has_frozen_stays_so():
    assert run("gc.collect(); gc.freeze(); count = frozen()", "print(frozen() >= count > 0)") == "True\n"


def test_the_functions_are_those_of_python():
    after = "print(type(gc).__name__, isinstance(gc, types.ModuleType), type(gc.collect).__name__, type(gc) is types.ModuleType)"
    assert run("", after) == "module True builtin_function_or_method True\n"


def test_a_function_can_be_replaced_and_comes_back():
    after = """
    from unittest import mock
    with mock.patch("gc.collect", return_value="mine"):
        print(gc.collect())
    print(gc.collect() >= 0)
    gc.freeze = None
    print(gc.freeze)
    del gc.freeze
    print(hasattr(gc, "freeze"))
    """
    assert run("", after) == "mine\nTrue\nNone\nFalse\n"


def test_the_thresholds_are_those_of_before():
    assert run("gc_was = None", "print(gc.get_threshold()[0] > 0)") == "True\n"


def test_a_process_that_only_forks_collects_nothing_and_its_forks_do():
    assert run("", "garbage.hold(); print(gc.isenabled()); garbage.resume(); print(gc.isenabled())") == "False\nTrue\n"
    assert run("gc.disable()", "garbage.hold(); garbage.resume(); print(gc.isenabled())") == "False\n"
