"""Modes, environment files, rules for tests, and what a dry run says."""

import sys

import pytest

SUITE = {
    "trun.toml": """\
        [modes.ci]
        env_files = [".env.ci", { path = ".env.local", required = false }]
        env = { API = "http://${HOSTNAME_OF_API:-localhost}/${STAGE}" }
        markers = "not manual"
        numprocesses = 2
        """,
    ".env.ci": "STAGE=ci\nTOKEN='a b'\n",
    "pytest.ini": "[pytest]\nmarkers =\n  manual\n  slow\n",
    "test_env.py": """\
        import os

        import pytest

        def test_variables(request):
            assert os.environ["API"] == "http://localhost/ci"
            assert os.environ["TOKEN"] == "a b"
            assert os.environ["TRUN_MODE"] == "ci"
            assert request.config.workerinput["workercount"] == 2

        @pytest.mark.manual
        def test_manual():
            assert 0
        """,
}


def test_a_mode_brings_its_environment_markers_and_settings(suite):
    run = suite(SUITE).trun("--mode", "ci")
    assert run.code == 0, run.said
    assert run.verdicts() == {"test_env.py::test_variables": ["passed"]}


def test_the_process_environment_wins_over_the_files(suite):
    run = suite(SUITE).trun("--mode", "ci", env={"STAGE": "mine"})
    assert run.code == 1
    assert "http://localhost/mine" in run.said


def test_a_built_in_mode_needs_no_file(suite):
    run = suite({"test_a.py": "import os\ndef test_a(): assert os.environ['TRUN_MODE'] == 'lightweight'\n"}).trun(
        "--mode=lightweight"
    )
    assert run.code == 0, run.said


def test_an_unknown_mode_names_those_that_are_there(suite):
    run = suite(SUITE).trun("--mode", "cj")
    assert run.code == 4
    assert "there is no mode 'cj' (there are: ci, lightweight, integration, full); did you mean 'ci'?" in run.err


def test_an_environment_file_that_is_not_there_is_named(suite):
    made = suite(SUITE)
    (made.root / ".env.ci").unlink()
    run = made.trun("--mode", "ci")
    assert run.code == 4
    assert f"cannot read the environment file {made.root}/.env.ci" in run.err


def test_a_line_that_is_no_variable_is_named(suite):
    run = suite({**SUITE, ".env.ci": "STAGE=ci\nwhat is this\n"}).trun("--mode", "ci")
    assert run.code == 4
    assert ".env.ci:2: the line must be NAME=VALUE" in run.err


def test_a_dry_run_says_all_and_runs_nothing(suite, plain_python):
    files = {
        **SUITE,
        "test_wishes.py": """\
            import pathlib

            import pytest

            @pytest.mark.trun(serial=True)
            @pytest.mark.timeout(7)
            def test_alone():
                pathlib.Path("ran").touch()
            """,
    }
    made = suite(files)
    run = made.trun("--mode", "ci", "--dry-run", python=plain_python)
    assert run.code == 0, run.said
    lines = run.out.splitlines()
    for line in (
        "mode: ci",
        "environment files: .env.ci, .env.local",
        "variables: API, STAGE, TOKEN, TRUN_MODE",
        "tests, in order: 2",
        "  test_env.py::test_variables",
        "  test_wishes.py::test_alone  [timeout 7s, serial]",
    ):
        assert line in lines, run.out
    assert "a b" not in run.out
    assert not (made.root / "ran").exists()
    assert run.verdicts() == {}


def test_a_dry_run_of_nothing_is_exit_5(suite):
    run = suite({"test_a.py": "def helper(): pass\n"}).trun("--dry-run")
    assert run.code == 5


def test_a_dry_run_names_the_services_by_phase(suite):
    """Those that the mode or a test names, and what these depend on; none is started."""
    files = {
        "trun.toml": """\
            [services.disk]
            command = "touch started; sleep 100"
            phase = "dependencies"
            [services.db]
            command = "touch started; sleep 100"
            phase = "databases"
            depends_on = ["disk"]
            [services.api]
            command = "touch started; sleep 100"
            [services.unused]
            command = "touch started; sleep 100"
            [modes.ci]
            services = ["db"]
            """,
        "test_a.py": """\
            import pytest

            @pytest.mark.trun(services="api")
            def test_a(): pass
            """,
    }
    made = suite(files)
    run = made.trun("--mode", "ci", "--dry-run")
    assert run.code == 0, run.said
    phases = [line for line in run.out.splitlines() if line.startswith("services, phase")]
    assert phases == [
        "services, phase dependencies: disk",
        "services, phase databases: db",
        "services, phase services: api",
    ]
    assert not (made.root / "started").exists()


RULES = {
    "pytest.ini": "[pytest]\nmarkers =\n  slow\n",
    "test_a.py": """\
        import time

        import pytest

        @pytest.mark.slow
        def test_category(): time.sleep(30)

        def test_override(): time.sleep(30)

        @pytest.mark.timeout(60)
        def test_own_marker(): time.sleep(1)

        def test_fast(): pass
        """,
    "trun.toml": """\
        grace = "0s"
        [categories.slow]
        markers = "slow"
        timeout = "300ms"
        [[overrides]]
        ids = ["*::test_o*"]
        timeout = "400ms"
        """,
}


@pytest.mark.parametrize("interpreter", ["plain_python", "python_with_timeout"])
def test_time_limits_by_category_and_override(suite, request, interpreter):
    """The test's own marker counts more, also where pytest-timeout is there and has it to itself."""
    python = sys.executable if interpreter == "python_with_timeout" else request.getfixturevalue(interpreter)
    run = suite(RULES).trun("-n", "2", python=python)
    assert run.code == 1
    assert run.verdicts() == {
        "test_a.py::test_category": ["timed_out"],
        "test_a.py::test_override": ["timed_out"],
        "test_a.py::test_own_marker": ["passed"],
        "test_a.py::test_fast": ["passed"],
    }
    assert "timed out in call (limit 0.3 s)" in run.out
    assert "timed out in call (limit 0.4 s)" in run.out


def test_a_marker_that_says_nonsense_is_a_usage_error_that_names_the_test(suite):
    run = suite({"test_a.py": "import pytest\n@pytest.mark.trun(resource='gpu')\ndef test_a(): pass\n"}).trun("-n", "2")
    assert run.code == 4
    assert "test_a.py::test_a: @pytest.mark.trun: unknown argument 'resource'" in run.said


def test_a_test_that_reads_the_sessions_items_sees_all(suite):
    text = "def test_items(request):\n    assert len(request.session.items) == 6\n\n"
    text += "def test_{0}(): pass\n\ndef test_{0}{0}(): pass\n"
    run = suite({f"test_{letter}.py": text.format(letter) for letter in "ab"}).trun("-n", "2", "-v")
    assert run.code == 0, run.said
    assert "not sharded: " in run.out and "reads the session's items" in run.out
