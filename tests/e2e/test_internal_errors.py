"""Exceptions in the engine and in pytest's hooks: the run ends as an internal error, with its text, its reports, and nothing
left behind."""

import re

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
    run = ours.trun("-n", workers, "--dist", "loadfile", "-p", "no:cacheprovider", limit=60)
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


IN_HOOKS = {
    "logreport": """
        def pytest_runtest_logreport(report):
            if report.when == "call" and "test_3" in report.nodeid:
                raise ValueError("hook boom" + chr(10) + "and more of it")
    """,
    "protocol": """
        def pytest_runtest_protocol(item):
            if "test_3" in item.nodeid:
                raise ValueError("hook boom" + chr(10) + "and more of it")
    """,
    "the host's alone": """
        import os

        def pytest_runtest_logreport(report):
            if "PYTEST_XDIST_WORKER" not in os.environ and "test_3" in report.nodeid:
                raise ValueError("hook boom" + chr(10) + "and more of it")
    """,
}


@pytest.mark.parametrize("hook", IN_HOOKS)
def test_the_traceback_of_a_hook_that_raises_is_shown_once(suite, hook):
    ours = suite({"conftest.py": IN_HOOKS[hook], "test_a.py": "".join(f"def test_{n}(): pass\n" for n in range(1, 5))})
    run = ours.trun("-n", "2")
    assert run.code == 3, run.said
    assert len(re.findall("INTERNALERROR> Traceback", run.said)) == 1, run.said
    lines = [line for line in run.said.splitlines() if 'raise ValueError("hook boom"' in line]
    assert len(lines) == 1, run.said
    assert lines[0].startswith("INTERNALERROR> "), run.said
    assert "INTERNALERROR> and more of it" in run.said
    stops = [line.strip("! ") for line in run.out.splitlines() if line.startswith("!")]
    assert stops == ([] if hook == "the host's alone" else ["ValueError: hook boom"]), run.out
    assert ours.pytest("-n", "2").code == 3
