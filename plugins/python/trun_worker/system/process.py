"""Processes: the order of a fork, what a fresh worker does first, and how it leaves.

Each step of the order has cost somebody a race; docs/protocol.md gives it as a list.
"""

from __future__ import annotations

import atexit
import faulthandler
import os
import signal
import sys
import threading
import warnings
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn

from trun_worker.kernel import KERNEL
from trun_worker.system import finalizers, inherited
from trun_worker.wire.channel import fork_with_channels, move_high

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from _pytest.capture import MultiCapture
    from _pytest.config import Config
    from _pytest.reports import TestReport

_PR_SET_PDEATHSIG = 1

# Bound here for good: a test may replace it in its module, and not put it back.
_exit = os._exit

_stacks_file: int | None = None
_c_exit: Callable[[int], object] | None = None
_status: int | None = None
_is_last = False


def fork_to_engine() -> int:
    """Fork twice, so that the grandchild is the engine's to wait for. Returns 0 in it, its pid in the caller.

    The intermediate reports the pid through a pipe and is reaped here. Raises OSError if no process could be made.
    """
    reader, writer = os.pipe()
    with warnings.catch_warnings():
        # That the user's imports have started threads, which the child does not have: that is why it is made so.
        warnings.simplefilter("ignore")
        intermediate = fork_with_channels()
    if intermediate == 0:
        os.close(reader)
        # When the process that forks ends, its group is killed: what it has forked last must not be in it any more.
        os.setpgid(0, 0)
        try:
            worker = fork_with_channels()
        except OSError:
            _exit(1)
        if worker == 0:
            os.close(writer)
            return 0
        os.write(writer, str(worker).encode())
        _exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        reported = pipe.read()
    with suppress(ChildProcessError):  # SIGCHLD is ignored, or a handler of the user's reaps every child
        KERNEL.waitpid(intermediate, 0)
    if not reported:
        raise OSError("the intermediate process could not fork")
    return int(reported)


def prepare_pdeathsig() -> Any:
    """Load what ``prctl`` needs, and C's ``exit`` for ``end``, before the fork, so that workers do not each pay for it.

    Returns ``prctl``, or None where there is no ctypes.
    """
    global _c_exit
    try:
        import ctypes  # not every interpreter has it

        libc = ctypes.PyDLL(None)  # keeps the GIL: no other thread runs while C's exit() does its work
        _c_exit = libc.exit
        return libc.prctl
    except (ImportError, OSError, AttributeError):
        return None


def settle(engine_pid: int, attached: bool, prctl: Any) -> None:
    """First acts of a worker once the engine holds it: its own session, and death with the engine.

    Exits at once if the engine died meanwhile (PDEATHSIG would never come).
    """
    if attached:
        os.setpgid(0, os.getpgid(engine_pid))
    elif os.getpgrp() != os.getpid():
        os.setsid()
    elif os.getsid(0) != os.getpid():  # one that was launched leads its group, and cannot
        inherited.leave_terminal()
    if prctl is not None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != engine_pid:
        _exit(1)


def limit_address_space(more: int) -> None:
    """Let this process have ``more`` bytes of address space beyond what it has now; what asks for yet more gets MemoryError."""
    import resource  # only needed under a limit

    with open("/proc/self/statm", encoding="ascii") as file:
        now = int(file.read().split()[0]) * resource.getpagesize()
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    soft = now + more if hard == resource.RLIM_INFINITY else min(now + more, hard)
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def write_stacks_on(signal_number: int, fd: int) -> None:
    """Have the stacks of all threads written to ``fd``, which becomes this module's, on that signal, whoever holds the GIL."""
    global _stacks_file
    high = move_high(fd)
    faulthandler.register(signal_number, file=high, all_threads=True, chain=False)
    if _stacks_file is not None:
        os.close(_stacks_file)  # the server's, in a worker
    _stacks_file = high


def say(text: str) -> None:
    """Write to the stderr that this process was started with, past pytest's capture."""
    os.write(2 if _stacks_file is None else _stacks_file, text.encode(errors="replace"))


def take_output(out: int, err: int, stdin: int | None, config: Config | None) -> None:
    """Make ``out``, ``err`` (and ``stdin``) this process's standard descriptors, and give pytest's capture fresh files.

    Two forked workers otherwise share one file offset: one test's report held another's lines.
    """
    capture = _global_capture(config)
    targets = {1: out, 2: err}
    if stdin is not None:
        targets[0] = stdin
    for target, fd in targets.items():
        os.dup2(fd, target)
        stream = getattr(capture, ("in_", "out", "err")[target], None)
        saved = getattr(stream, "targetfd_save", None)
        if saved is not None:
            os.dup2(fd, saved, inheritable=False)
        os.close(fd)
    _fresh_capture_files(capture)
    _line_buffer_terminals()


def redirect_faulthandler(config: Config) -> None:
    """Point pytest's faulthandler at this process's stderr (it was duplicated before the fork)."""
    try:
        # It has another name in other versions of pytest, and boot.py imports this module before pytest.
        from _pytest.faulthandler import fault_handler_stderr_fd_key
    except ImportError:
        return
    fd = config.stash.get(fault_handler_stderr_fd_key, None)
    if fd is not None:
        capture = _global_capture(config)
        source = getattr(getattr(capture, "err", None), "targetfd_save", 2)
        os.dup2(source, fd, inheritable=False)


def flush_streams() -> None:
    """What was printed past capture leaves this process, as it does under pytest, whose terminal writes to the same streams."""
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            if stream is not None:
                stream.flush()
        except (ValueError, OSError):
            pass  # closed, or nobody reads it: the test's own affair


def captures_descriptors(config: Config) -> bool:
    """Whether a test's prints go into a file; where they do not, streams may be flushed at any time."""
    return getattr(config.pluginmanager.getplugin("capturemanager"), "_method", "no") == "fd"


def flush_before_capture(config: Config) -> None:
    """Never let a buffer that was filled under ``capsys.disabled()`` be flushed into a test's capture."""
    if not captures_descriptors(config):
        return
    manager: Any = config.pluginmanager.getplugin("capturemanager")
    resume = manager.resume_global_capture

    def resume_global_capture() -> None:
        flush_streams()
        resume()

    manager.resume_global_capture = resume_global_capture


def capture_descriptors(config: Config) -> frozenset[int]:
    """The descriptors that pytest's capture has opened for itself."""
    capture = _global_capture(config)
    found: set[int] = set()
    for stream in (getattr(capture, name, None) for name in ("in_", "out", "err")):
        for part in (stream, getattr(stream, "syscapture", None)):
            found.add(getattr(part, "targetfd_save", -1))
            for file in (getattr(part, "tmpfile", None), getattr(part, "_old", None)):
                try:
                    found.add(file.fileno())  # type: ignore[union-attr]
                except (AttributeError, OSError, ValueError):
                    continue  # none, or in memory
    return frozenset(found)


def _global_capture(config: Config | None) -> MultiCapture[str] | None:
    manager = None if config is None else config.pluginmanager.getplugin("capturemanager")
    return getattr(manager, "_global_capturing", None)


def _fresh_capture_files(capture: MultiCapture[str] | None) -> None:
    import tempfile  # where there is a capture, pytest has imported it

    streams: list[Any] = [getattr(capture, "out", None), getattr(capture, "err", None)]
    for stream in streams:
        if not hasattr(stream, "targetfd_save"):
            continue
        with tempfile.TemporaryFile(buffering=0) as fresh:
            os.dup2(fresh.fileno(), stream.tmpfile.fileno(), inheritable=False)
        if getattr(stream, "_state", "") == "started":
            os.dup2(stream.tmpfile.fileno(), stream.targetfd)


def _line_buffer_terminals() -> None:
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is not None and stream.isatty():
            stream.reconfigure(line_buffering=True)


def will_end_with(code: int) -> None:
    """All that is left for this process is the interpreter's exit, with this status."""
    global _status
    _status = code


def be_last() -> None:
    """Register ``end``, to be called after all other atexit handlers: the first to be registered is the last to run. Who has
    registered one before (sitecustomize, a .pth file) comes after it: then it does not end the process."""
    global _is_last
    _is_last = atexit._ncallbacks() == 0
    atexit.register(end)


def end() -> None:
    """The last of all atexit handlers. Where nothing that is freed from here on could be seen by anybody, the process ends here:
    to free it takes tens of milliseconds, and copies each page that a fork still shares.

    C's ``exit`` does what is left: it writes what C's streams hold and runs C's atexit handlers.
    """
    if _status is None:
        return  # somebody calls all handlers in the middle of the session
    if finalizers.may_be_left_out() and _is_last and _c_exit is not None:
        try:
            for stream in (sys.stdout, sys.stderr):
                if stream is not None and not stream.closed:
                    stream.flush()
        except Exception:  # the interpreter has its own word and status for that
            return
        flush_streams()
        _c_exit(_status)


def leave(code: int) -> None:
    """End a process that forks others, and runs no test, as the interpreter would, less the tearing down of every module.

    Threads are joined, atexit handlers run, streams are flushed. What is torn down is what its workers have, too: they do it.
    """
    try:
        threading._shutdown()  # type: ignore[attr-defined]
        atexit.unregister(end)
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        _exit(code)


def vanish() -> NoReturn:
    """End a process in which nothing of the user's ever ran: there is nothing to be written or said at its end."""
    _exit(0)


def leave_spoiled(why: str) -> NoReturn:
    """End a worker in which no further test can run. What it has said so far is delivered; another does the rest."""
    with suppress(OSError):  # that may be closed as well
        say(f"trun: {why}: another process goes on\n")
    _exit(1)


def leave_as_child(reports: Sequence[TestReport]) -> NoReturn:
    """End a child that a test has forked and that came back into pytest with it: the next tests are the worker's."""
    flush_streams()
    _exit(int(any(report.failed for report in reports)))
