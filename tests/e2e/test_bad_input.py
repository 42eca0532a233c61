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


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(
    "call", ["execv(sys.executable, args)", "execvp('python3', args)", "execl(sys.executable, *args)"]
)
def test_a_conftest_that_replaces_the_interpreter_is_named(suite, call, workers):
    again = "import os, sys\n\nif 'AGAIN' not in os.environ:\n    os.environ['AGAIN'] = '1'\n"
    again += f"    args = [sys.executable, '-m', 'pytest', *sys.argv[1:]]\n    os.{call}\n"
    ours = suite(
        {"conftest.py": again, "test_a.py": "import os\n\ndef test_it():\n    assert os.environ['AGAIN'] == '1'\n"}
    )
    run = ours.trun("-n", workers)
    assert run.code == 4, run.said
    assert "conftest.py:6 replaces the interpreter by another program" in run.err
    assert "[env]" in run.err
    assert ours.trun("-n", workers, env={"AGAIN": "1"}).code == 0


def test_a_conftest_may_execute_programs_in_children(suite):
    text = "import os, subprocess, sys\n\npid = os.fork()\nif pid == 0:\n    os.execv('/bin/true', ['true'])\n"
    text += "assert os.waitpid(pid, 0)[1] == 0\nsubprocess.run([sys.executable, '-c', ''], check=True)\n"
    run = suite({"conftest.py": text, "test_a.py": "def test_it():\n    pass\n"}).trun("-n", "2")
    assert run.code == 0, run.said


def test_os_is_left_as_it_was(suite):
    text = "import os\n\ndef test_it():\n    assert type(os.execv) is type(os.execve) is type(os.getpid)\n"
    assert suite({"test_a.py": text}).trun("-n", "2").code == 0


MISSES = {"helpers.py": "X = 1\n", "t/test_a.py": "import helpers\n\ndef test_it():\n    assert helpers.X\n"}


@pytest.mark.parametrize("where, code", [("t/conftest.py", 4), ("t/test_a.py", 2), ("in a test", 1)])
def test_who_misses_a_module_of_the_current_directory_is_told_why(suite, where, code):
    files = dict(MISSES)
    if where == "t/conftest.py":
        files[where] = "import helpers\n"
    elif where == "in a test":
        files["t/test_a.py"] = "def test_it():\n    import helpers\n"
    ours = suite(files)
    run = ours.trun("-n", "1", "t")
    assert run.code == code, run.said
    assert "helpers lies in the current directory, which is not on sys.path" in run.said
    assert ours.trun("-n", "1", "-o", "pythonpath=.", "t").code == 0
    for workers in ("0", "2"):
        assert ours.trun("-n", workers, "--import-cwd", "t").code == 0
    (ours.root / "trun.toml").write_text("import_cwd = true\n")
    assert ours.trun("-n", "2", "--start=fresh", "t").code == 0


def test_what_lies_nowhere_gets_no_such_hint(suite):
    run = suite({"t/test_a.py": "import no_such_module\n"}).trun("-n", "1")
    assert run.code == 2
    assert "current directory" not in run.said
