"""Exceptions in the engine: the run ends as an internal error, with its text, its reports, and nothing left behind."""

import pytest

#: The engine, its parent, may have a little more memory than it has, and is sent what needs far more.
STARVES = """
    import os, resource, time

    def test_before():
        assert 1 == 2

    def test_starves():
        engine = os.getppid()
        with open(f"/proc/{engine}/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.prlimit(engine, resource.RLIMIT_AS, (used + (6 << 20), resource.RLIM_INFINITY))
        raise AssertionError("x" * (40 << 20))

    def test_after():
        pass
"""


@pytest.mark.parametrize("workers", ["1", "2"])
def test_an_engine_without_memory_writes_its_reports(suite, workers):
    ours = suite({"test_a.py": STARVES, "test_b.py": "import time\n\ndef test_b():\n    time.sleep(20)\n"})
    run = ours.trun("-n", workers, "-p", "no:cacheprovider", limit=60)
    assert run.code == 3, run.said
    assert "internal error (running tests): std::bad_alloc" in run.said
    verdicts = run.verdicts()
    assert set(verdicts) == {f"test_a.py::test_{name}" for name in ("before", "starves", "after")} | {
        "test_b.py::test_b"
    }
    assert verdicts["test_a.py::test_before"] == ["failed"]
    assert verdicts["test_a.py::test_after"] == ["not_run"]
    assert run.events()[-1]["event"] == "run_finished"
    assert "internal error (running tests): std::bad_alloc" in run.junit_text()
    assert run.junit_text().rstrip().endswith("</testsuites>")
    assert run.metrics()
    ours.assert_no_survivor()
