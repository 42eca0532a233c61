"""What trun does beside a test fails no test: neither its watch nor its clock, whatever the test does to its process."""

import pytest

WAYS = [("-n", "0"), ("-n", "2", "--dist", "loadfile"), ("-n", "1", "--lane", "standard")]

STOPPED_CLOCK = {
    "conftest.py": """
        import _pytest.timing, pytest

        def pytest_runtest_setup(item):
            pass

        @pytest.fixture
        def stopped(monkeypatch, request):
            names = [name for name in ("perf_counter", "time", "monotonic") if hasattr(_pytest.timing, name)]
            for name in names:
                monkeypatch.setattr(_pytest.timing, name, lambda: request.param)
    """,
    "test_a.py": """
        import time

        import pytest

        @pytest.mark.parametrize("stopped", [0.0, -1e9, 1e18, 1e300], indirect=True)
        def test_stopped(stopped):
            time.sleep(0.01)

        @pytest.mark.xfail
        @pytest.mark.parametrize("stopped", [0.0, 1e18], indirect=True)
        def test_fails(stopped):
            assert False
    """,
}


@pytest.mark.parametrize("options", WAYS, ids=" ".join)
def test_a_stopped_clock_changes_no_verdict(suite, options):
    run = suite(STOPPED_CLOCK).trun(*options)
    assert run.code == 0, run.said
    assert "4 passed, 2 xfailed" in run.out
    finished = [event for event in run.events() if event["event"] == "test_finished"]
    assert len(finished) == 6
    assert "nonsense" not in run.said


EXHAUSTED = """
    import os, resource

    import pytest

    kept = []

    def test_takes_all_descriptors():
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        try:
            while True:
                kept.append(os.open("/dev/null", os.O_RDONLY))
        except OSError:
            pass

    def test_runs_without_one():
        with pytest.raises(OSError):
            os.dup(1)

    def test_has_them_again():
        for fd in kept:
            os.close(fd)
        os.close(os.dup(1))
"""


@pytest.mark.parametrize("options", WAYS, ids=" ".join)
def test_a_process_without_descriptors_has_its_verdicts(suite, options):
    run = suite({"test_a.py": EXHAUSTED}).trun(*options)
    assert run.code == 0, run.said
    assert "3 passed" in run.out


@pytest.mark.parametrize("options", WAYS, ids=" ".join)
def test_a_false_file_system_is_not_the_watchs(suite, options):
    """As pyfakefs does it: each module's names for functions and modules of the file system are replaced."""
    text = """
        import io, os, subprocess, sys

        import pytest

        REAL = {os.open, os.listdir, os.stat, os.readlink, os.close, os.dup, os.dup2, os.read, os.lseek, io.open}

        class FakeOs:
            def __getattr__(self, name):
                if name in {"open", "listdir", "stat", "readlink", "close", "dup", "dup2", "read", "lseek"}:
                    return fails
                return getattr(os, name)

        def fails(*args, **kwargs):
            raise FileNotFoundError("there is no such file in this file system")

        @pytest.fixture
        def fs(monkeypatch):
            for module_name, module in list(sys.modules.items()):
                if not module_name.startswith("trun_worker"):
                    continue
                for name, value in list(vars(module).items()):
                    if value is os:
                        monkeypatch.setattr(module, name, FakeOs())
                    elif getattr(value, "__module__", None) in ("posix", "io", "_io") and value in REAL:
                        monkeypatch.setattr(module, name, fails)

        def test_starts_something(fs):
            global process, file
            process, file = subprocess.Popen(["sleep", "107"]), open(os.devnull)

        def test_ends_it(fs):
            process.kill()
            process.wait()
            file.close()
    """
    run = suite({"test_a.py": text}).trun(*options)
    assert run.code == 0, run.said
    assert "sleep 107" in run.said
