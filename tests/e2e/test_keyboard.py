"""At a real terminal: keys, Ctrl-C, Ctrl-Z and fg, a terminal that closes; and that it is put back as it was."""

import os
import pty
import signal
import subprocess
import sys
import termios
import textwrap
import threading
import time

import pytest

import harness

SLOW = """
    import pathlib, time

    def test_slow():
        try:
            # Within: an interrupt may come while the file is being made.
            pathlib.Path(__file__).with_suffix(".begun").touch()
            while not pathlib.Path(__file__).with_suffix(".go").exists():
                time.sleep(0.02)
        finally:
            pathlib.Path(__file__).with_suffix(".ended").touch()
"""
STUBBORN = """
    import pathlib, signal, time

    def test_slow():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        pathlib.Path(__file__).with_suffix(".begun").touch()
        time.sleep(120)
"""
#: What a shell does with one job: a group of its own in the foreground, its stops, fg.
SHELL = """
    import os, signal, sys
    for number in (signal.SIGTTOU, signal.SIGTSTP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpid())
        for number in (signal.SIGTTOU, signal.SIGTSTP, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        os.execv(sys.argv[1], sys.argv[1:])
    while True:
        _, status = os.waitpid(job, os.WUNTRACED)
        os.tcsetpgrp(0, os.getpgrp())
        if not os.WIFSTOPPED(status):
            os._exit(os.waitstatus_to_exitcode(status) & 255)
        print("STOPPED", flush=True)
        input()
        os.tcsetpgrp(0, job)
        os.killpg(job, signal.SIGCONT)
"""


class Terminal:
    """A run of trun as a shell's job at a pseudo-terminal that the test types at and reads."""

    def __init__(self, suite, *args):
        self.suite = suite
        self.master, self._slave = pty.openpty()
        self.before = termios.tcgetattr(self._slave)
        self.text = ""
        command = [sys.executable, "-c", textwrap.dedent(SHELL), *suite.command(*args)]
        self.process = subprocess.Popen(
            command,
            cwd=suite.root,
            env=suite.environment({"TERM": "xterm", "COLUMNS": "100"}),
            stdin=self._slave,
            stdout=self._slave,
            stderr=self._slave,
            preexec_fn=self._own_session,
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _own_session(self):
        import fcntl

        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def _read(self):
        while True:
            try:
                self.text += os.read(self.master, 65536).decode(errors="replace")
            except OSError:
                return

    def type(self, keys):
        os.write(self.master, keys.encode())

    def trun(self):
        return harness.children_of(self.process.pid)[0]

    def wait_for(self, text, seconds=30):
        assert harness.wait_until(lambda: text in self.text, seconds), f"no {text!r} in:\n{self.text}"

    def settings(self):
        return termios.tcgetattr(self._slave)

    def reads_keys(self):
        return not self.settings()[3] & termios.ICANON

    def end(self, limit=40):
        code = self.process.wait(limit)
        assert self.settings() == self.before, "the terminal was not put back"
        self.suite.assert_no_survivor()
        return code

    def close(self):
        self.process.kill()
        self.process.wait()
        self.suite.kill_all()
        os.close(self.master)
        os.close(self._slave)


@pytest.fixture
def terminal(suite):
    made = []

    def make(files, *args):
        made.append(Terminal(suite(files), *args))
        return made[-1]

    yield make
    for each in made:
        each.close()


def begun(terminal):
    assert harness.wait_until(lambda: list(terminal.suite.root.glob("*.begun")), 40), terminal.text


def go(terminal):
    (terminal.suite.root / "test_a.go").touch()


def test_t_tells_what_runs_now(terminal):
    at = terminal({"test_a.py": SLOW}, "-n", "1")
    begun(at)
    assert harness.wait_until(at.reads_keys, 10)
    at.type("xt")
    at.wait_for("test_a.py::test_slow, ")
    at.wait_for("in test_slow")
    go(at)
    assert at.end() == 0


def test_no_key_is_taken_from_a_worker_at_the_terminal(terminal):
    at = terminal({"test_a.py": SLOW}, "-n", "0")
    begun(at)
    assert not at.reads_keys()
    go(at)
    assert at.end() == 0


def test_ctrl_c_once_lets_teardown_run(terminal):
    at = terminal({"test_a.py": SLOW}, "-n", "1")
    begun(at)
    at.type("\x03")
    assert at.end() == 2
    assert (at.suite.root / "test_a.ended").exists()
    assert "KeyboardInterrupt" in at.text


def test_ctrl_c_twice_ends_it_with_reports(terminal):
    at = terminal({"test_a.py": STUBBORN}, "-n", "1")
    begun(at)
    at.type("\x03")
    time.sleep(1)  # on a busy machine the first may be late, and what comes within 250 ms is taken for it
    assert at.process.poll() is None
    at.type("\x03")
    assert at.end() == 2
    assert (at.suite.reports / "junit.xml").read_text().rstrip().endswith("</testsuites>")


def test_ctrl_c_three_times_ends_it_at_once(terminal):
    at = terminal({"test_a.py": STUBBORN}, "-n", "1")
    begun(at)
    engine = harness.Processes(at.trun()).find("engine")
    for _ in range(3):
        try:
            os.kill(engine, signal.SIGINT)
        except ProcessLookupError:
            break  # the second one was enough
        time.sleep(0.3)
    assert at.end() in (2, 130)


def test_ctrl_z_pauses_tests_and_clocks_and_fg_goes_on(terminal):
    at = terminal({"test_a.py": SLOW}, "-n", "1", "--timeout", "6", "-p", "no:timeout")  # that has a clock of its own
    begun(at)
    at.type("\x1a")
    at.wait_for("STOPPED")
    assert at.settings() == at.before, "a stopped job leaves the terminal as it was"
    time.sleep(7)
    at.type("\n")
    assert harness.wait_until(at.reads_keys, 20)
    go(at)
    assert at.end() == 0, at.text
    assert "1 passed" in at.text


def test_an_engine_that_is_killed_leaves_the_terminal_as_it_was(terminal):
    at = terminal({"test_a.py": SLOW}, "-n", "1")
    begun(at)
    assert harness.wait_until(at.reads_keys, 10)
    os.kill(harness.Processes(at.trun()).find("engine"), signal.SIGKILL)
    assert at.end() == 3


def test_a_terminal_that_closes_ends_the_run(suite):
    ours = suite({"test_a.py": STUBBORN})
    at = Terminal(ours, "-n", "1")
    begun(at)
    os.close(at.master)  # the other side hangs up
    os.close(at._slave)
    assert harness.wait_until(lambda: not harness.marked(ours.mark), 10), "the run outlived its terminal"
    at.process.wait(10)
    assert (ours.reports / "junit.xml").read_text().rstrip().endswith("</testsuites>")
