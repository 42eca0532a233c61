"""Tests that patch what the runner itself stands on, or leave the process changed: their neighbours must not notice."""
import builtins
import gc
import json
import os
import select
import signal
import socket
import struct
import sys
import threading
import time
import types

import pytest


def broken(*args, **kwargs):
    raise RuntimeError("patched out")


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (time, "time"),
        (time, "perf_counter"),
        (time, "perf_counter_ns"),
        (time, "monotonic"),
        (time, "sleep"),
        (os, "write"),
        (os, "read"),
        (os, "fork"),
        (os, "getpid"),
        (os, "lseek"),
        (json, "dumps"),
        (json, "loads"),
        (socket, "socket"),
        (select, "select"),
        (struct, "pack"),
        (builtins, "open"),
        (builtins, "print"),
        (builtins, "input"),
        (threading, "Thread"),
        (gc, "collect"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_patched(monkeypatch, owner, name):
    monkeypatch.setattr(owner, name, broken)
    with pytest.raises(RuntimeError):
        getattr(owner, name)()


@pytest.mark.parametrize("name", ["time", "perf_counter"])
def test_clock_stands_still(monkeypatch, name):
    monkeypatch.setattr(time, name, lambda: 0.0)
    assert getattr(time, name)() == 1.0


@pytest.fixture
def frozen(monkeypatch):
    """What libraries do that stop the clock: wherever a module has a name for it, from set-up to tear-down."""
    for name in ("time", "perf_counter", "perf_counter_ns", "monotonic", "time_ns"):
        real = getattr(time, name)
        for module in [module for module in list(sys.modules.values()) if module is not None]:
            for key, value in list(vars(module).items()):
                if value is real:
                    monkeypatch.setattr(module, key, lambda: 0)


def test_frozen(frozen):
    assert time.time() == 0


def test_frozen_and_fails(frozen):
    assert time.perf_counter() == 1


def test_not_frozen():
    assert time.time() > 0


def test_environment_is_emptied(monkeypatch):
    for name in list(os.environ):
        if not name.startswith("PYTEST"):
            monkeypatch.delenv(name)
    path = os.environ.get("PATH")
    assert path is not None


def test_environment_has_the_name_of_the_test():
    assert os.environ["PYTEST_CURRENT_TEST"] == "another"


@pytest.fixture
def name_in_setup():
    return os.environ["PYTEST_CURRENT_TEST"]


def test_environment_in_setup(name_in_setup):
    assert name_in_setup == "another"


def test_modules_patched(monkeypatch):
    fake = types.ModuleType("json")
    monkeypatch.setitem(sys.modules, "json", fake)
    import json as imported

    assert imported is fake


def test_socket_module_replaced(monkeypatch):
    monkeypatch.delitem(sys.modules, "socket")
    import socket as again

    assert again is not socket


def test_ignores_signals():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGUSR1, lambda number, frame: print("signal", number))
    os.kill(os.getpid(), signal.SIGUSR1)
    assert 0


def test_signals_again():
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_timer_signal():
    def late(number, frame):
        raise TimeoutError("timer")

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    time.sleep(5)


def test_goes_where_nothing_is(tmp_path):
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()


def test_without_a_directory():
    with pytest.raises(FileNotFoundError):
        os.getcwd()
    os.chdir(os.path.dirname(__file__))


def test_fails_elsewhere(tmp_path):
    os.chdir(tmp_path)
    assert 0


def test_back_again():
    os.chdir(os.path.dirname(__file__))


def test_recursion_limit():
    sys.setrecursionlimit(250)

    def deep(n):
        return deep(n + 1)

    with pytest.raises(RecursionError):
        deep(0)


def test_recursion_limit_again():
    sys.setrecursionlimit(1000)


def test_traces_itself():
    seen = []
    sys.settrace(lambda *args: seen.append(args))
    len(seen)
    sys.settrace(None)


def test_closes_stdin():
    os.close(0)


def test_without_stdin():
    with pytest.raises(OSError):
        os.fstat(0)
    os.open(os.devnull, os.O_RDONLY)


def test_collects_garbage():
    gc.disable()
    gc.collect()
    gc.unfreeze()


def test_garbage_is_off():
    assert gc.isenabled()


def test_forks():
    child = os.fork()
    if child == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 8


def test_waits_for_any_child():
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_argv():
    assert [os.path.basename(sys.argv[0])] == ["pytest"] or sys.argv[0].endswith("__main__.py")


def test_umask():
    assert os.umask(0o22) == 0o22
