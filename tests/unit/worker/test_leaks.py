"""What LeakWatch finds in a temporary folder of the worker's own."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from trun_worker.run import leaks
from trun_worker.run.leaks import LeakWatch


@pytest.fixture
def folder(tmp_path):
    own = tmp_path / "own"
    own.mkdir()
    (own / "before").touch()
    return own


@pytest.fixture
def watch(folder):
    made = LeakWatch(["files"])
    made.begin(str(folder))
    return made


def grow_old(folder):
    """As if nothing had been done to the folder for a minute."""
    os.utime(folder, (time.time() - 60, time.time() - 60))


def fixture(scope):
    return SimpleNamespace(scope=scope, argname="db", cached_result=None)


def test_what_was_there_is_nobodys(watch):
    assert watch.found(last_of_file=True) == []


def test_a_file_is_found_once(watch, folder):
    (folder / "left").touch()
    assert watch.found(last_of_file=True) == [["files", str(folder / "left")]]
    assert watch.found(last_of_file=True) == []


def test_what_is_removed_again_is_no_leak(watch, folder):
    (folder / "left").touch()
    (folder / "left").unlink()
    assert watch.found(last_of_file=True) == []


def test_a_wider_fixtures_file_is_a_leak_after_its_teardown_only(watch, folder):
    wide = fixture("module")
    watch.fixture_begins(wide)
    (folder / "data").touch()
    wide.cached_result = object()
    watch.fixture_ended()
    assert watch.found(last_of_file=False) == []
    wide.cached_result = None
    [[kind, what]] = watch.found(last_of_file=True)
    assert kind == "files"
    assert what.endswith("data (of the fixture db, scope module)")


def test_each_of_two_tests_within_a_tick_of_the_clock_is_told_its_own(watch, folder, monkeypatch):
    now = time.time_ns()
    monkeypatch.setattr(leaks.CLOCK, "seconds", lambda: now / 1e9)
    for name in ("first", "second"):
        (folder / name).touch()
        os.utime(folder, ns=(now, now))  # both changes have one time
        assert watch.found(last_of_file=False) == [["files", str(folder / name)]]


def test_a_folder_that_did_not_change_is_not_read(folder, monkeypatch):
    grow_old(folder)
    watch = LeakWatch(["files"])
    watch.begin(str(folder))
    monkeypatch.setattr(leaks.KERNEL, "listdir", None)
    assert watch.found(last_of_file=False) == []
    (folder / "left").touch()
    assert watch.found(last_of_file=False) == []  # the control: now it would have been, and the look failed
    assert not watch.begun


@pytest.mark.parametrize("name", ["pymp-abc", "pytest-of-me", "matplotlib-x1"])
def test_what_is_kept_on_purpose_is_nobodys(watch, folder, name):
    (folder / name).mkdir()
    assert watch.found(last_of_file=True) == []


def test_a_folder_that_was_removed_holds_nothing(watch, folder):
    (folder / "before").unlink()
    folder.rmdir()
    assert watch.found(last_of_file=True) == []


def test_where_there_is_no_such_folder_nothing_is_looked_at():
    watch = LeakWatch(["files"])
    watch.begin("")
    assert watch.found(last_of_file=True) == []


def test_without_that_kind_nothing_is_looked_at(folder):
    watch = LeakWatch(["threads"])
    watch.begin(str(folder))
    (folder / "left").touch()
    assert watch.found(last_of_file=True) == []


def in_a_child(program):
    """What ``program`` prints in a fresh process, where it can break what it likes."""
    package = Path(__file__).resolve().parents[3] / "plugins" / "python"
    text = f"import sys\nsys.path.insert(0, {str(package)!r})\nfrom trun_worker.run.leaks import LeakWatch\n"
    done = subprocess.run(
        [sys.executable, "-c", text + textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    return done.stdout


ALL = '["processes", "threads", "descriptors", "ports", "files"]'


def test_where_no_descriptor_is_free_it_still_looks():
    program = f"""
        import os, resource
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        watch = LeakWatch({ALL})
        watch.begin("")
        kept = []
        try:
            while True:
                kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass
        print(len(kept) == len(watch.found(True)) > 40)
        for fd in kept: os.close(fd)
        print(watch.found(True), watch.begun)
    """
    assert in_a_child(program) == "True\n[] True\n"


def test_a_lowered_limit_costs_the_look_and_no_test():
    program = f"""
        import os, resource
        watch = LeakWatch({ALL})
        watch.begin("")
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, 64))
        print(watch.found(True))
        watch.begin("")
        print(watch.found(True), watch.begun)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        watch.begin("")
        print(watch.begun)
    """
    assert in_a_child(program) == "[]\n[] False\nTrue\n"


def test_it_lives_through_what_tests_do_to_modules_and_descriptors():
    program = f"""
        import builtins, io, os, socket, threading
        watch = LeakWatch({ALL})
        watch.begin("")
        def fails(*args, **kwargs):
            raise RuntimeError("patched")
        for module in (os, threading, io, builtins):
            for name in ("open", "listdir", "stat", "readlink", "close", "dup", "read", "waitid", "enumerate"):
                if hasattr(module, name) and not (module is builtins and name != "open"):
                    setattr(module, name, fails)
        for name in list(vars(sys.modules["trun_worker.run.leaks"])):
            if name in ("listdir", "readlink", "stat", "open"):
                print("a name that pyfakefs would replace:", name)
        os.closerange(3, 100)
        sys.stdout.write(str(watch.found(True)))
    """
    assert in_a_child(program) == "[]"
