"""Suites whose tests hold named resources. Who holds what is seen by the tests themselves, by files that only one may have,
and by the event log, which a checker reads.
"""

import subprocess

import harness

CHECKER = harness.REPOSITORY / "build" / "check_allocations"  # tests/allocations

LOCKS = """
    import contextlib
    import os
    import pathlib
    import time

    import pytest

    HERE = pathlib.Path(__file__).parent

    @contextlib.contextmanager
    def alone(name, seconds=0.02):
        path = HERE / f"{name}.lock"
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            (HERE / "refused").touch()
            raise
        time.sleep(seconds)
        yield
        path.unlink()

    @contextlib.contextmanager
    def present(name):
        path = HERE / f"{name}-{os.getpid()}.here"
        path.touch()
        yield
        path.unlink()

    def met(there, seconds=60):
        # For the controls, which wait for what they must see: it is no matter of luck then.
        end = time.monotonic() + seconds
        while not there() and time.monotonic() < end:
            time.sleep(0.005)
"""
GPU = """
    import pytest
    from locks import alone

    @pytest.mark.parametrize("i", range(6))
    @pytest.mark.trun(resources=["gpu"])
    def test_gpu(i):
        with alone("gpu"):
            pass

    @pytest.mark.parametrize("i", range(6))
    def test_plain(i):
        pass
"""
ONE_GPU = "[resources]\ngpu = 1\n"


def go(made, *options):
    """Without the plugins that happen to be there: what they import at the end takes its time on a busy machine."""
    return made.trun(*options, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, limit=180)


def check(run, code=0):
    """The checker's word on the event log of a run."""
    done = subprocess.run([CHECKER, run.reports / "events.jsonl"], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout
    return done.stdout


def outcomes(run):
    return [outcome for found in run.verdicts().values() for outcome in found]


def holds(run):
    return [event for event in run.events() if event["event"] == "resources_taken"]


def gpu_suite(suite, name="suite"):
    return suite({"trun.toml": ONE_GPU, "locks.py": LOCKS, **{f"test_{i}.py": GPU for i in "abcd"}}, name)
