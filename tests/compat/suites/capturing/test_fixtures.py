import os
import subprocess
import sys

import pytest


def test_capsys(capsys):
    print("out")
    print("err", file=sys.stderr)
    captured = capsys.readouterr()
    assert captured.out == "out\n" and captured.err == "err\n"
    assert capsys.readouterr() == ("", "")


def test_capsys_keeps_what_is_left(capsys):
    print("read")
    capsys.readouterr()
    print("left for the report")
    assert not "shown"


def test_capsys_fails_on_text(capsys):
    print("one\ntwo")
    assert capsys.readouterr().out == "one\nthree\n"


def test_capfd_descriptor(capfd):
    os.write(1, b"by descriptor\n")
    subprocess.run([sys.executable, "-c", "print('by a child')"], check=True)
    assert capfd.readouterr().out == "by descriptor\nby a child\n"


def test_capfd_fails_descriptor(capfd):
    os.write(2, b"complaint\n")
    assert capfd.readouterr().err == ""


def test_capsysbinary(capsysbinary):
    sys.stdout.buffer.write(b"\xff\x00raw")
    sys.stdout.flush()
    assert capsysbinary.readouterr().out == b"\xff\x00raw"


def test_capsysbinary_fails(capsysbinary):
    print("text")
    assert capsysbinary.readouterr().out == b"bytes"


def test_capfdbinary_descriptor(capfdbinary):
    os.write(1, b"\xfe\n")
    assert capfdbinary.readouterr().out == b"\xfe\n"


def test_two_capture_fixtures(capsys, capfd):
    pass


def test_two_capture_fixtures_dynamically(capsys, request):
    request.getfixturevalue("capfd")


def test_disabled(capsys):
    print("captured before")
    with capsys.disabled():
        print("<<past the capture, capsys>>")
    print("captured after")
    assert capsys.readouterr().out == "captured before\n"


def test_disabled_descriptor(capfd):
    with capfd.disabled():
        os.write(1, b"<<past the capture, capfd>>\n")
    assert capfd.readouterr().out == "at all"


@pytest.fixture
def talkative(capsys):
    print("fixture says")
    yield capsys.readouterr().out
    print("fixture leaves")
    assert capsys.readouterr().out == "fixture leaves\n"


def test_fixture_uses_capsys(talkative):
    assert talkative == "fixture says\n"


def test_fixture_uses_capsys_and_fails(talkative, capsys):
    print("test says")
    assert talkative == ""


def test_module_patched(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdout", sys.stderr)
    print("in the other stream")
    assert capsys.readouterr().out == "in the other stream\n"


@pytest.mark.parametrize("text", ["ünïcödé ☃", "\x1b[31mred\x1b[0m", "a\rb", "nul \x00 byte", "no newline"])
def test_kinds_of_text(text):
    print(text, end="")
    print(text, file=sys.stderr, end="")
    assert text == ""


def test_undecodable_descriptor():
    os.write(1, b"latin: \xe4\xf6\n")
    assert 0


def test_large_output():
    print("0123456789" * 2000)
    assert 0
