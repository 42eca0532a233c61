"""Bad input of any kind: an error that names it, the right exit code."""

import pytest

PASSING = {"test_a.py": "def test_one():\n    pass\n"}


def test_no_pytest_in_the_interpreter(suite, python_without_pytest):
    run = suite(PASSING).trun(python=python_without_pytest)
    assert run.code in (3, 4)
    assert "pytest" in run.err
    assert python_without_pytest in run.err
    assert "Traceback" not in run.said


def test_an_interpreter_that_does_not_exist(suite):
    run = suite(PASSING).trun(python="/no/such/python")
    assert run.code in (3, 4)
    assert "/no/such/python" in run.err


@pytest.mark.parametrize(
    ("name", "text"), [("silent", "#!/bin/sh\nexit 7\n"), ("chatty", "#!/bin/sh\necho I am no python\nexit 0\n")]
)
def test_an_interpreter_that_is_none(suite, tmp_path, name, text):
    program = tmp_path / name
    program.write_text(text)
    program.chmod(0o755)
    run = suite(PASSING).trun(python=str(program), limit=20)
    assert run.code in (3, 4)
    assert str(program) in run.err


def test_an_interpreter_that_is_not_executable(suite, tmp_path):
    program = tmp_path / "python"
    program.write_text("")
    run = suite(PASSING).trun(python=str(program))
    assert run.code in (3, 4)
    assert str(program) in run.err


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("syntax error", b"def test_(:\n"),
        ("not UTF-8", b"def test_b():\n    assert '\xff'\n"),
        ("null bytes", b"\0\0\0"),
    ],
)
def test_a_test_file_that_is_no_python(suite, what, text):
    ours = suite({**PASSING, "test_bad.py": text})
    run = ours.trun("-n", "2")
    assert run.code == ours.pytest().code == 2
    assert "test_bad.py" in run.out


def test_a_test_file_that_nobody_can_read(suite):
    """A link to itself: not even root opens it."""
    ours = suite(PASSING)
    (ours.root / "test_loop.py").symlink_to("test_loop.py")
    expected = ours.pytest("test_loop.py")
    run = ours.trun("-n", "2", "test_loop.py")
    assert run.code == expected.code
    assert "test_loop.py" in run.said
    assert ours.trun("-n", "2").code == ours.pytest().code


def test_a_test_file_that_is_a_dangling_link(suite):
    ours = suite(PASSING)
    (ours.root / "test_gone.py").symlink_to("nowhere.py")
    expected = ours.pytest()
    assert ours.trun("-n", "2").code == expected.code


def test_the_folder_is_gone(suite, tmp_path):
    ours = suite(PASSING)
    run = ours.trun("-n", "1", "--rootdir=/no/such/folder")
    assert run.code == 4
    assert "/no/such/folder" in run.said


def test_a_conftest_that_raises_is_shown(suite):
    run = suite({**PASSING, "conftest.py": "raise RuntimeError('no config today')\n"}).trun("-n", "2")
    assert run.code == 4
    assert "no config today" in run.said


def test_a_conftest_that_ends_the_process(suite):
    run = suite({**PASSING, "conftest.py": "import os\nos._exit(0)\n"}).trun("-n", "2")
    assert run.code in (3, 4)
    assert run.err


def test_a_plugin_that_is_not_there(suite):
    run = suite(PASSING).trun("-p", "no_such_plugin")
    assert run.code == suite(PASSING, "again").pytest("-p", "no_such_plugin").code
    assert "no_such_plugin" in run.said
