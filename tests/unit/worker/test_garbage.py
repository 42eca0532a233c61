"""What is out of the collector's sight after collecting, and that nobody who asks `gc` can tell: each case in its own process."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from trun_worker.system import garbage

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
    return count() if count() > garbage._FROZEN_BY_PYTHON else 0
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
    assert run("", "print(frozen() > 1000, lost() is not None)") == "True True\n"


@pytest.mark.parametrize(
    "asks",
    [
        "gc.collect(); print(lost() is None)",
        "from gc import collect; collect(); print(lost() is None)",
        "print(any(type(thing) is Node for thing in gc.get_objects()))",
        "print(any(lost() is thing for thing in gc.get_referrers(Node)))",
        "print(gc.get_freeze_count() <= garbage._FROZEN_BY_PYTHON)",
    ],
)
def test_who_asks_gets_everything_back(asks):
    assert run("", f"{asks}; print(frozen())") == "True\n0\n"


def test_who_looks_at_each_attribute_for_its_own_keeps_none():
    scan = "exec('import gc; [getattr(gc, name) for name in dir(gc)]', {{'__name__': {!r}}})"
    assert run("", f"{scan.format('freezegun.api')}; print(frozen() > 1000)") == "True\n"
    assert run("", f"{scan.format('somebodys.api')}; print(frozen())") == "0\n"


def test_who_asks_without_code_of_python_gets_everything_back():
    after = """
    import _thread, operator, time
    _thread.start_new_thread(operator.methodcaller("collect"), (gc,))
    for _ in range(500):
        if frozen() == 0: break
        time.sleep(0.01)
    print(frozen(), lost())
    """
    assert run("", after).startswith("0 ")


def test_who_has_kept_a_function_sees_everything():
    assert run("from gc import collect", "print(frozen()); collect(); print(lost())") == "0\nNone\n"


def test_what_the_user_has_frozen_stays_so():
    assert run("gc.collect(); gc.freeze(); count = frozen()", "print(frozen() >= count > 1000)") == "True\n"


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


OLD = """
class Late:
    def __init__(self): self.me = self
def live():
    for _ in range(300_000): Late()
old = Late(); gone = weakref.ref(old)
garbage.collect_in_sight(1); del old
live(); print(gone() is None)
"""


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the collector has its own pace there")
@pytest.mark.parametrize("paced", [True, False])
def test_old_garbage_waits_until_most_is_new(paced):
    before = (
        f"pause.end(); gc.unfreeze(); pause = garbage.CollectingPause(); garbage.watch(); pause.begin(paced={paced})"
    )
    after = """
    kept = [[] for _ in range(3 * sys.getallocatedblocks())]
    print(gone() is None, frozen() > 1000)
    """
    assert run(before, OLD + textwrap.dedent(after)) == f"{not paced}\nTrue True\n"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the collector has its own pace there")
@pytest.mark.parametrize("share, freed", [(16, False), (1, True)])
def test_old_garbage_is_freed_with_a_failed_test_once_a_quarter_is_new(share, freed):
    before = "pause.end(); gc.unfreeze(); pause = garbage.CollectingPause(); garbage.watch(); pause.begin(paced=True)"
    after = f"""
    kept = [[] for _ in range(frozen() // {share})]
    garbage.collect_in_sight(1)
    print(gone() is None)
    garbage.test_failed()
    print(gone() is None)
    """
    assert run(before, OLD + textwrap.dedent(after)) == f"False\nFalse\n{freed}\n"


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="the collector has its own pace there")
@pytest.mark.parametrize("kept", ["from gc import collect; ", ""])
def test_with_a_pace_a_collection_that_somebody_asks_for_sees_everything(kept):
    before = f"{kept}pause.end(); pause = garbage.CollectingPause(); garbage.watch(); pause.begin(paced=True)"
    after = f"""
    print(lost() is not None, frozen() > 1000)
    {"collect()" if kept else "gc.collect()"}
    print(lost() is None, frozen() > 1000, garbage._pace is not None)
    """
    assert run(before, after) == "True True\nTrue True True\n"


def test_the_thresholds_that_are_seen_and_set_are_the_users():
    before = "pause.end(); gc.unfreeze(); own = gc.get_threshold(); pause = garbage.CollectingPause(); garbage.watch()"
    before += "; pause.begin(paced=True)"
    assert run(before, "print(gc.get_threshold() == own, frozen() > 1000)") == "True True\n"
    assert run(before, "print(gc.callbacks, frozen() > 1000)") == "[] True\n"
    before += "; from gc import get_threshold, set_threshold"
    after = "set_threshold(1234, *own[1:]); garbage.thaw(); print(get_threshold()[0])"
    assert run(before, after) == "1234\n"


@pytest.mark.parametrize(
    "text, fails",
    [
        ("error", True),
        (" error : some text : ResourceWarning", True),
        ("error::pytest.PytestUnraisableExceptionWarning", True),
        ("err::Warning", True),
        ("error::DeprecationWarning", False),
        ("ignore::ResourceWarning", False),
        ("", False),
    ],
)
def test_whether_freeing_garbage_fails_tests(text, fails):
    assert garbage.fails_tests(["default", text]) == fails
