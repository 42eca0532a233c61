"""What goes to which section of which phase, and that a test's own disorder ends with it."""
import os
import subprocess
import sys

import pytest


@pytest.fixture(scope="module", autouse=True)
def whole_module():
    print("module set-up")
    yield
    print("module tear-down")


@pytest.fixture
def around():
    print("set-up out")
    print("set-up err", file=sys.stderr)
    yield
    print("tear-down out")
    print("tear-down err", file=sys.stderr)


def test_every_phase(around):
    print("call out")
    print("call err", file=sys.stderr)
    assert 0


def test_passes_with_output(around):
    print("nobody is shown this")


def test_quiet_failure():
    assert 0


def test_child_descriptor():
    subprocess.run([sys.executable, "-c", "import sys; print('child'); print('child err', file=sys.stderr)"], check=True)
    assert 0


def test_replaces_stdout_for_good():
    sys.stdout = open(os.devnull, "w")
    print("lost")


def test_after_the_replaced_stdout():
    print("kept")
    assert 0


def test_redirects_descriptor_for_good():
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    os.write(1, b"lost\n")


def test_after_the_redirected_descriptor():
    os.write(1, b"kept\n")
    assert 0


def test_reads_stdin():
    input("name? ")


def test_stdin_descriptor():
    assert os.read(0, 10) == b""


def test_isatty_and_encoding():
    assert (sys.stdout.isatty(), sys.stdout.encoding, sys.stdout.errors, sys.stdin.isatty()) == ()


def test_fileno_descriptor():
    assert sys.stdout.fileno() == 1 or sys.stdout.fileno() > 2


def test_original_streams():
    print("through __stdout__", file=sys.__stdout__)
    sys.__stdout__.flush()
    assert 0
