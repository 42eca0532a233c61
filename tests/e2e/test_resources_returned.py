"""Named resources come back from tests that fail, are stopped, crash or leave a child behind; the checker would notice."""

import pytest
from resource_suites import GPU, LOCKS, ONE_GPU, check, go, gpu_suite, outcomes


@pytest.mark.parametrize("options", [("-n", "4"), ("-n", "4", "--maxfail", "3"), ("-n", "2", "-x")], ids=" ".join)
def test_failures_and_stops_leave_nothing_held(suite, options):
    failing = GPU.replace("pass", "assert i % 3", 1)
    run = go(suite({"trun.toml": ONE_GPU, "locks.py": LOCKS, **{f"test_{i}.py": failing for i in "abcd"}}), *options)
    assert run.code == 1
    check(run)


def test_what_the_dead_leave_behind_does_not_share(suite):
    """A test that dies with a child in a session of its own: the next one gets its gpu once that child is gone."""
    text = """
        import os, pathlib, signal, subprocess, sys
        import pytest

        HERE = pathlib.Path(__file__).parent
        SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]

        @pytest.mark.trun(resources=["gpu"])
        def test_dies():
            found = sorted(HERE.glob("child-*"))
            assert not [path for path in found if alive(int(path.read_text()))]
            child = subprocess.Popen(SLEEP, start_new_session=True)
            (HERE / f"child-{os.getpid()}").write_text(str(child.pid))
            os.kill(os.getpid(), signal.SIGKILL)

        def alive(pid):
            try:
                return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
            except OSError:
                return False

        @pytest.mark.trun(resources=["gpu"])
        def test_lives():
            assert not [path for path in HERE.glob("child-*") if alive(int(path.read_text()))]
    """
    made = suite({"trun.toml": ONE_GPU, **{f"test_{i}.py": text for i in "abc"}})
    run = go(made, "-n", "2", "--collect", "once")
    assert run.code == 1
    found = {name.rpartition("::")[2]: set() for name in run.verdicts()}
    for name, verdicts in run.verdicts().items():
        found[name.rpartition("::")[2]].update(verdicts)
    assert found == {"test_dies": {"crashed"}, "test_lives": {"passed"}}
    assert len(list(made.root.glob("child-*"))) == 3
    check(run)


def test_crashes_and_recycling_lose_no_resource(suite):
    text = """
        import os, signal
        import pytest
        from locks import HERE, alone

        @pytest.mark.parametrize("i", range(8))
        @pytest.mark.trun(resources=["gpu"])
        def test_gpu(i):
            (HERE / "gpu.lock").unlink(missing_ok=True) if i == 5 else None
            with alone("gpu"):
                pass
            if i == 4:
                os.kill(os.getpid(), signal.SIGKILL)
    """
    run = go(suite({"trun.toml": ONE_GPU, "locks.py": LOCKS, **{f"test_{i}.py": text for i in "ab"}}), "-n", "2")
    assert run.code == 1
    assert sorted(outcomes(run)) == ["crashed"] * 2 + ["passed"] * 14, run.said
    check(run)


def test_a_log_that_was_tampered_with(suite):
    run = go(gpu_suite(suite), "-n", "2")
    path = run.reports / "events.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    kept = [line for line in lines if '"resources_released"' not in line or '"hold": 2,' not in line]
    path.write_text("".join(kept))
    assert "held_at_end: hold 2 of" in check(run, 1)
