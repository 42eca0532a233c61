"""trun's package is nobody's user code: whoever goes by files sees it as a plugin that is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

SEEN = """
    import gc, inspect, linecache, os, sys, sysconfig, traceback
    from types import FunctionType

    import pytest

    installed = sysconfig.get_path("purelib") + os.sep
    ours = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "trun_worker"]

    def test_its_modules_lie_where_plugins_lie():
        assert len(ours) > 20
        for module in ours:
            assert module.__file__.startswith(installed), module

    def test_so_does_its_code():
        functions = [thing for thing in gc.get_objects() if type(thing) is FunctionType]
        files = {
            each.__code__.co_filename
            for each in functions
            if str(each.__module__).partition(".")[0] == "trun_worker"
        }
        assert len(files) > 15
        assert not [file for file in files if "trun_worker" in file and not file.startswith(installed)]

    def test_its_frames_are_no_users(request):
        stack = [frame for frame in inspect.stack() if "trun_worker" in frame.filename]
        assert not [frame.filename for frame in stack[:-3] if not frame.filename.startswith(installed)]

    def test_its_source_can_be_shown():
        clock = sys.modules["trun_worker.clock"]
        assert "class Clock" in inspect.getsource(clock)
        try:
            clock.plausible(Sour(), 1)
        except ZeroDivisionError as error:
            shown = "".join(traceback.format_exception(error))
        assert "measured = int(seconds * 1e9)" in shown

    class Sour:
        def __mul__(self, other):
            return 1 / 0

    def test_the_main_module_is_pytests():
        main = sys.modules["__main__"]
        assert main.__file__ == os.path.join(sysconfig.get_path("scripts"), "pytest")
        assert sys.argv[0] == main.__file__
"""


@pytest.mark.parametrize("options", [("-n", "0"), ("-n", "2"), ("-n", "1", "--lane", "standard")], ids=" ".join)
def test_its_files_are_where_installed_plugins_are(suite, options):
    run = suite({"test_a.py": SEEN}).trun(*options)
    assert run.code == 0, run.said


COVERED = {
    "shop.py": "def price(kind):\n    if kind:\n        return 1\n    return 2\n",
    "test_a.py": "from shop import price\n\ndef test_a():\n    assert price(1) == 1\n",
}


@pytest.mark.parametrize("number", ["0", "2"])
def test_a_bare_cov_reports_the_users_files(suite, number):
    pytest.importorskip("pytest_cov")
    run = suite(COVERED).trun("-n", number, "--cov")
    assert run.code == 0, run.said
    assert "trun_worker" not in run.out
    assert [line.split()[0] for line in run.out.splitlines() if line.endswith("%")] == ["shop.py", "test_a.py", "TOTAL"]


def test_hypothesis_finds_the_same_examples(suite):
    pytest.importorskip("hypothesis")
    text = """
        from hypothesis import given, settings, strategies

        @settings(derandomize=True, database=None, max_examples=300)
        @given(strategies.text(), strategies.integers(), strategies.floats())
        def test_it(text, number, real):
            with open("examples", "a") as file:
                file.write(repr((text, number, real)) + "\\n")
    """
    made = suite({"test_a.py": text})
    # The command, whose file is the main module: hypothesis reads that, too.
    command = [str(Path(sys.executable).with_name("pytest")), "-q"]
    subprocess.run(command, cwd=made.root, env=made.environment(), check=True, stdout=subprocess.DEVNULL)
    under_pytest = (made.root / "examples").read_text()
    (made.root / "examples").unlink()
    run = made.trun("-n", "1")
    assert run.code == 0, run.said
    assert (made.root / "examples").read_text() == under_pytest


def test_workers_let_go_of_what_is_deselected_and_know_what_it_was(suite):
    conftest = """
        import weakref

        deselected = []

        def pytest_deselected(items):
            deselected.extend(map(weakref.ref, items))

        def pytest_sessionfinish(session):
            stats = session.config.pluginmanager.getplugin("terminalreporter").stats
            print("left out:", [each.nodeid for each in stats.get("deselected", [])])
        """
    tests = """
        import gc

        import conftest

        def test_let_go():
            gc.collect()
            assert [each() for each in conftest.deselected] == [None]

        def test_left_out(): ...
        """
    run = suite({"conftest.py": conftest, "test_a.py": tests}).trun("-n", "2", "-k", "let_go")
    assert run.code == 0, run.said
    assert "1 deselected" in run.out
    assert "left out: ['test_a.py::test_left_out']" in run.out


def test_what_is_deselected_need_not_be_an_item(suite):
    """As pytest-testmon says how many it has left out."""
    conftest = """
        class Fake: pass

        def pytest_collection_modifyitems(config):
            config.hook.pytest_deselected(items=[Fake(), Fake()])
    """
    run = suite({"conftest.py": conftest, "test_a.py": "def test(): pass"}).trun("-n2")
    assert run.code == 0, run.said
    assert "1 passed, 2 deselected" in run.out
